/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_frames.c - how bodies are cut into DATA frames and how frames
 * are padded: data_frame_octets, padding_bits; and what becomes of ALTSVC and
 * ORIGIN, which are not for servers.
 */
#include "hc_frame_def.h"
#include "talk.h"

#define GET H2CORE_FLAG_END_STREAM
#define WINDOW 65535

static uint8_t body[60000];

/* What a session has sent, frame by frame. */
struct seen {
    unsigned data;         /* DATA frames */
    unsigned padded;       /* of them */
    unsigned heads_padded; /* padded HEADERS */
    uint32_t longest;      /* body in one frame */
    uint32_t flow;         /* what flow control counts */
    uint32_t octets;       /* body in all of them */
    uint32_t odd;          /* pads of more than 1 octet */
    bool ended;
};

static struct talk *begin(uint32_t data_octets, uint32_t bits, uint64_t seed)
{
    struct h2core_config config;
    struct talk *talk;

    h2core_config_init(&config, H2CORE_SERVER);
    config.data_frame_octets = data_octets;
    config.padding_bits = bits;
    config.padding_seed = seed;
    talk = talk_begin(&config);
    talk_request(talk, 1, GET, "/");
    talk_feed(talk);
    talk_events(talk);
    talk_write(talk);
    talk->log.len = 0;
    return talk;
}

/* Write everything without looking at it. */
static void write_all(struct talk *talk, size_t step)
{
    while (talk_write_some(talk, step))
        ;
}

/* Plan all frames, but write the first `octets` only. */
static void write_some(struct talk *talk, size_t octets)
{
    struct h2core_out out[20];
    int count = h2core_session_output(talk->session, out, 20, 100000), i;
    size_t n, left = octets;

    for (i = 0; i < count && left; i++, left -= n) {
        n = out[i].len < left ? out[i].len : left;
        if (out[i].octets)
            memcpy(talk->sent + talk->sent_len, out[i].octets, n);
        else
            memset(talk->sent + talk->sent_len, 'x', n);
        talk->sent_len += n;
    }
    assert_int_equal(left, 0);
    assert_int_equal(h2core_session_wrote(talk->session, octets), 0);
}

/* Has the end of a body been told in what was sent, of which the last frame
 * may lack its end? */
static bool end_was_told(const struct talk *talk)
{
    struct h2core_frame_head head;
    const uint8_t *at = talk->sent;
    const uint8_t *end = at + talk->sent_len;

    for (; end - at > 4; at += H2CORE_FRAME_HEAD_LEN + head.length) {
        memset(&head, 0, sizeof(head));
        if (at[3] == H2CORE_FRAME_DATA && at[4] & H2CORE_FLAG_END_STREAM)
            return true;
        if (end - at < H2CORE_FRAME_HEAD_LEN)
            return false;
        h2core_frame_head_read(at, &head);
        if (head.length > (size_t)(end - at))
            return false;
    }
    return false;
}

/* Octets of padding, its length counted; all of it is zero. */
static uint32_t see_padding(const struct h2core_frame *frame)
{
    uint32_t pad = frame->head.length - (uint32_t)frame->data_len;
    const uint8_t *end = frame->data + frame->data_len;
    uint32_t i;

    assert_int_equal(pad != 0, (frame->head.flags & H2CORE_FLAG_PADDED) != 0);
    for (i = 0; pad && i < pad - 1; i++)
        assert_int_equal(end[i], 0); /* RFC 9113 6.1, 6.2 */
    return pad;
}

/* The same of a promise, whose identifier is none of its data. */
static uint32_t see_promise(const struct h2core_frame *frame)
{
    struct h2core_frame rest = *frame;

    rest.head.length -= 4;
    return see_padding(&rest);
}

static void see_data(struct seen *seen, const struct h2core_frame *frame)
{
    uint32_t pad = see_padding(frame);

    seen->data++;
    seen->flow += frame->head.length;
    seen->octets += (uint32_t)frame->data_len;
    if (frame->data_len > seen->longest)
        seen->longest = (uint32_t)frame->data_len;
    seen->ended |= (frame->head.flags & H2CORE_FLAG_END_STREAM) != 0;
    seen->padded += pad != 0;
    seen->odd += pad > 1;
}

/* Look at the whole frames that were sent; nothing may be left over. */
static struct seen look(struct talk *talk)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;
    struct seen seen;
    size_t at = 0;

    memset(&seen, 0, sizeof(seen));
    while (at < talk->sent_len) {
        assert_true(talk->sent_len - at >= H2CORE_FRAME_HEAD_LEN);
        h2core_frame_head_read(talk->sent + at, &head);
        /* RFC 9113 4.1: neither the reserved bit nor an unused flag */
        assert_int_equal(talk->sent[at + 5] & 0x80, 0);
        assert_int_equal(head.flags & ~hc_frame_def_find(head.type)->flags, 0);
        at += H2CORE_FRAME_HEAD_LEN;
        assert_true(head.length <= talk->sent_len - at);
        assert_true(head.length <= 16384);
        assert_int_equal(
            h2core_frame_parse(&head, talk->sent + at, 16384, &frame), 0);
        at += head.length;
        if (head.type == H2CORE_FRAME_DATA)
            see_data(&seen, &frame);
        if (head.type == H2CORE_FRAME_PUSH_PROMISE)
            (void)see_promise(&frame);
        if (head.type == H2CORE_FRAME_HEADERS)
            seen.heads_padded += see_padding(&frame) != 0;
    }
    return seen;
}

/* ---- data_frame_octets ------------------------------------------------- */

static const struct {
    int line;
    uint32_t octets; /* data_frame_octets */
    size_t body;
    unsigned frames;
    uint32_t longest;
} cuts[] = {
    {__LINE__, 0, 40000, 3, 16384},
    {__LINE__, 1000, 2500, 3, 1000},
    {__LINE__, 1000, 1000, 1, 1000},
    {__LINE__, 1, 20, 20, 1},
    {__LINE__, 16384, 40000, 3, 16384},
    {__LINE__, 16777216, 40000, 3, 16384},
};

static void test_bodies_are_cut(void **state)
{
    struct talk *talk;
    struct seen seen;
    size_t i;
    int lent;

    (void)state;
    for (i = 0; i < CASE_COUNT(cuts); i++) {
        for (lent = 0; lent < 2; lent++) {
            talk = begin(cuts[i].octets, 0, 0);
            assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
            if (lent)
                assert_int_equal(h2core_session_body(talk->session, 1, body,
                                                     cuts[i].body,
                                                     H2CORE_END_STREAM, talk),
                                 0);
            else
                assert_int_equal(h2core_session_offer(talk->session, 1,
                                                      cuts[i].body,
                                                      H2CORE_END_STREAM),
                                 0);
            write_all(talk, 70000);
            seen = look(talk);
            case_int(cuts[i].line, (int)seen.data, (int)cuts[i].frames);
            case_int(cuts[i].line, (int)seen.longest, (int)cuts[i].longest);
            case_int(cuts[i].line, (int)seen.octets, (int)cuts[i].body);
            case_int(cuts[i].line, seen.ended, 1);
            case_int(cuts[i].line, (int)seen.padded, 0);
            talk->log.len = 0;
            talk_end(talk);
        }
    }
}

/* ---- padding ----------------------------------------------------------- */

static void test_every_frame_is_padded_by_chance(void **state)
{
    struct talk *talk = begin(500, 8, 42);
    struct seen seen;

    (void)state;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(h2core_session_offer(talk->session, 1, 40000, 0), 0);
    write_all(talk, 70000);
    assert_int_equal(talk_respond(talk, 1, NULL, "a=b", H2CORE_TRAILERS), 0);
    assert_int_equal(h2core_session_sendable(talk->session, 1) <= 25535, 1);
    write_all(talk, 70000);
    seen = look(talk);
    assert_int_equal(seen.octets, 40000);
    assert_int_equal(seen.data, 80);
    assert_true(seen.padded > 70);
    assert_true(seen.odd > 60);
    assert_true(seen.flow > 40000 + 80 * 80 && seen.flow < 40000 + 80 * 175);
    assert_int_equal(seen.heads_padded, 2);
    talk_end(talk);
}

/* Pads of 1 bit: the Pad Length octet or nothing. */
static void test_one_bit(void **state)
{
    struct talk *talk = begin(100, 1, 7);
    struct seen seen;

    (void)state;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 10000, H2CORE_END_STREAM), 0);
    write_all(talk, 999);
    seen = look(talk);
    assert_int_equal(seen.octets, 10000);
    assert_int_equal(seen.odd, 0);
    assert_int_equal(seen.flow, 10000 + seen.padded);
    assert_true(seen.padded > 20 && seen.padded < 80);
    assert_true(seen.ended);
    talk_end(talk);
}

static void test_another_seed_other_padding(void **state)
{
    uint32_t flows[3];
    struct talk *talk;
    int i;

    (void)state;
    for (i = 0; i < 3; i++) {
        talk = begin(100, 8, i == 1 ? 5 : 6);
        assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
        assert_int_equal(
            h2core_session_offer(talk->session, 1, 5000, H2CORE_END_STREAM), 0);
        write_all(talk, 70000);
        flows[i] = look(talk).flow;
        talk_end(talk);
    }
    assert_int_not_equal(flows[0], flows[1]);
    assert_int_equal(flows[0], flows[2]);
}

/* Flow control counts padding: no more leaves than the window holds, and all
 * of it is used (RFC 9113 6.1, 6.9). */
static void test_windows_count_padding(void **state)
{
    struct talk *talk = begin(0, 8, 3);
    struct seen seen;

    (void)state;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 200000, H2CORE_END_STREAM), 0);
    write_all(talk, 70000);
    seen = look(talk);
    assert_int_equal(seen.flow, WINDOW);
    assert_true(seen.octets < WINDOW);
    assert_true(seen.padded >= 3); /* full frames too */
    assert_int_equal(h2core_session_sendable(talk->session, 1), 0);
    talk_end(talk);
}

static void test_tiny_windows(void **state)
{
    struct talk *talk = begin(0, 8, 9);
    struct seen seen;
    uint32_t given = WINDOW;
    int i;

    (void)state;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 1000000, H2CORE_END_STREAM), 0);
    write_all(talk, 70000);
    for (i = 1; i < 40; i++, given += (uint32_t)i) {
        talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, (uint32_t)i + 1);
        talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, (uint32_t)i + 1);
        talk_feed(talk);
        talk_events(talk);
        write_all(talk, 1);
    }
    seen = look(talk);
    assert_int_equal(seen.flow, given);
    talk_end(talk);
}

/*
 * A reset when any number of octets has left: what has begun is completed,
 * what has not comes back to the connection's window, padding included.
 */
static void reset_after(size_t octets, bool lent)
{
    struct talk *talk = begin(300, 6, 77);
    struct seen seen;
    bool told;

    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    if (lent) {
        assert_int_equal(h2core_session_body(talk->session, 1, body, 450, 0,
                                             talk), 0);
        assert_int_equal(h2core_session_body(talk->session, 1, body, 450,
                                             H2CORE_END_STREAM, talk), 0);
    } else {
        assert_int_equal(h2core_session_offer(talk->session, 1, 900,
                                              H2CORE_END_STREAM), 0);
    }
    talk_request(talk, 3, 0, "/other");
    talk_feed(talk);
    talk_events(talk);
    write_some(talk, octets);
    told = end_was_told(talk);
    (void)h2core_session_reset(talk->session, 1, H2CORE_CANCEL);
    write_all(talk, 100);
    seen = look(talk);
    assert_int_equal(seen.ended, told);
    assert_int_equal(h2core_session_sendable(talk->session, 3),
                     WINDOW - (int64_t)seen.flow);
    talk->log.len = 0;
    while (talk->sent_events < (lent ? 2u : 0u))
        talk_events(talk);
    talk_end(talk);
}

static void test_resets_at_every_octet(void **state)
{
    size_t i;

    (void)state;
    for (i = 1; i < 900; i++) {
        reset_after(i, false);
        reset_after(i, true);
    }
}

/* The same for an offer that is taken back. */
static void test_offers_taken_back_at_every_octet(void **state)
{
    struct talk *talk;
    struct seen seen;
    size_t i;

    (void)state;
    for (i = 0; i < 900; i++) {
        talk = begin(300, 6, 78);
        assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
        assert_int_equal(h2core_session_offer(talk->session, 1, 900, 0), 0);
        write_some(talk, i);
        if (h2core_session_offer(talk->session, 1, 0, 0) == H2CORE_OK) {
            write_all(talk, 100);
            seen = look(talk);
            assert_int_equal(h2core_session_sendable(talk->session, 1),
                             WINDOW - (int64_t)seen.flow);
        } else { /* a frame has begun, and what it has must come */
            write_all(talk, 100);
            assert_int_equal(look(talk).octets, 900);
        }
        talk_end(talk);
    }
}

static void test_padded_heads_are_read_alike(void **state)
{
    struct talk *talk = begin(0, 8, 4);
    size_t octets = 0, before, i;
    const struct h2core_field fields[] = {{":status", "200", 7, 3, 0, 0, 0},
                                          {"x-a", "b", 3, 1, 0, 0, 0}};

    (void)state;
    for (i = 0; i < 50; i++) {
        uint32_t id = 3 + 2 * (uint32_t)i;

        talk_request(talk, id, GET, "/");
        talk_feed(talk);
        talk_events(talk);
        write_all(talk, 70000);
        talk->sent_len = 0;
        before = talk->sent_len;
        assert_int_equal(h2core_session_respond(talk->session, id, fields, 2,
                                                H2CORE_END_STREAM, &octets),
                         0);
        write_all(talk, 70000);
        assert_int_equal(talk->sent_len - before, octets);
        talk->log.len = 0;
        talk_render(talk);
        feed_log_add(&talk->log, "%s", "");
        assert_non_null(strstr(talk->log.text, ":status=200 x-a=b"));
    }
    talk_end(talk);
}

/* Promises are padded as heads are, and read alike. */
static void test_promises_are_padded(void **state)
{
    static const struct h2core_field fields[] = {
        {":method", "GET", 7, 3, 0, 0, 0},
        {":scheme", "http", 7, 4, 0, 0, 0},
        {":path", "/style", 5, 6, 0, 0, 0},
        {":authority", "a", 10, 1, 0, 0, 0}};
    struct talk *talk = begin(0, 8, 4);
    struct h2core_frame_head head;
    unsigned padded = 0;
    int i;

    (void)state;
    for (i = 0; i < 50; i++) {
        assert_int_equal(
            h2core_session_push(talk->session, 1, fields, 4, NULL),
            2 + 2 * i);
        write_all(talk, 70000);
        h2core_frame_head_read(talk->sent, &head);
        assert_int_equal(head.type, H2CORE_FRAME_PUSH_PROMISE);
        assert_int_equal(talk->sent_len, H2CORE_FRAME_HEAD_LEN + head.length);
        padded += (head.flags & H2CORE_FLAG_PADDED) != 0;
        (void)look(talk); /* the padding is zero */
        talk->log.len = 0;
        talk_render(talk);
        feed_log_add(&talk->log, "%s", "");
        assert_non_null(strstr(talk->log.text, ":path=/style :authority=a"));
    }
    assert_true(padded > 40);
    talk_end(talk);
}

static void test_ranges(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    assert_int_equal(config.padding_bits, 0);
    assert_int_equal(config.data_frame_octets, 0);
    config.padding_bits = 9;
    talk = talk_try(&config);
    assert_null(talk);
}

/* One ALTSVC or ORIGIN, right or wrong by its own rules. */
static const struct {
    uint8_t type;
    uint32_t id;
    const char *payload;
    size_t len;
} for_clients[] = {
    {H2CORE_FRAME_ALTSVC, 0, "\0\1ah2", 5},
    {H2CORE_FRAME_ALTSVC, 1, "\0\0clear", 7},
    {H2CORE_FRAME_ALTSVC, 0, "\0\0", 2},
    {H2CORE_FRAME_ALTSVC, 1, "\0\1a", 3},
    {H2CORE_FRAME_ALTSVC, 1, "\0\2a", 3},
    {H2CORE_FRAME_ALTSVC, 0, "", 0},
    {H2CORE_FRAME_ALTSVC, 99, "\0", 1},
    {H2CORE_FRAME_ORIGIN, 0, "\0\1a", 3},
    {H2CORE_FRAME_ORIGIN, 0, "\0\1", 2},
    {H2CORE_FRAME_ORIGIN, 7, "\0\1a", 3},
    {H2CORE_FRAME_ORIGIN, 0, "\0", 1},
};

static char traced[200];

static void on_trace(void *user, char direction, const char *line, size_t len)
{
    (void)user;
    (void)len;
    if (direction == '<' && line[0] != 'H')
        snprintf(traced, sizeof(traced), "%s", line);
}

static const uint8_t *given;
static size_t given_len;
static unsigned given_count;

static void on_frame(struct talk *talk, const struct h2core_event *event)
{
    (void)talk;
    if (event->type != H2CORE_EVENT_FRAME)
        return;
    assert_int_equal(event->u.frame.len, given_len);
    if (given_len)
        assert_memory_equal(event->u.frame.payload, given, given_len);
    given_count++;
}

/* RFC 7838 4 and RFC 8336 2.2: ignored by a server, and given as they are to
 * an application that wants to see unknown frames. */
static void test_frames_for_clients_are_ignored(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    size_t i, ways;

    (void)state;
    for (ways = 0; ways < 4; ways++) {
        h2core_config_init(&config, H2CORE_SERVER);
        config.flags = ways & 1 ? H2CORE_UNKNOWN_FRAMES : 0;
        config.trace = ways & 2 ? on_trace : NULL;
        talk = talk_begin(&config);
        talk->on_event = on_frame;
        talk_request(talk, 1, 0, "/");
        talk_go(talk);
        given_count = 0;
        for (i = 0; i < CASE_COUNT(for_clients); i++) {
            given = (const uint8_t *)for_clients[i].payload;
            given_len = for_clients[i].len;
            talk_frame(talk, for_clients[i].type, 0, for_clients[i].id, given,
                       given_len);
            talk_go(talk);
            if (i == 0 && ways & 2)
                assert_string_equal(traced, "ALTSVC 0 origin=a \"h2\"");
        }
        assert_int_equal(given_count, ways & 1 ? CASE_COUNT(for_clients) : 0);
        talk->log.len = 0;
        talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
        talk_go(talk);
        talk_expect(talk, "> PING ack opaque=3132333435363738\n");
        talk_end(talk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies_are_cut),
        cmocka_unit_test(test_every_frame_is_padded_by_chance),
        cmocka_unit_test(test_one_bit),
        cmocka_unit_test(test_another_seed_other_padding),
        cmocka_unit_test(test_windows_count_padding),
        cmocka_unit_test(test_tiny_windows),
        cmocka_unit_test(test_resets_at_every_octet),
        cmocka_unit_test(test_offers_taken_back_at_every_octet),
        cmocka_unit_test(test_padded_heads_are_read_alike),
        cmocka_unit_test(test_promises_are_padded),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_frames_for_clients_are_ignored),
    };

    return cmocka_run_group_tests_name("session_frames", tests, NULL, NULL);
}
