/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_sent.c - what the frames of a session look like, octet by
 * octet: demands of RFC 9113 that no peer would notice.  Every frame has its
 * stream, no unused flag, no reserved bit, padding of zeros; field blocks are
 * continued without a gap; each role sends its own types only.  And what is
 * refused instead of being sent.
 */
#include "hc_frame_def.h"
#include "talk.h"

#define END       H2CORE_FLAG_END_STREAM
#define ENDS      H2CORE_END_STREAM
#define PUSHED    ":method=GET|:scheme=http|:path=/style|:authority=a"
#define BIT(type) (1u << H2CORE_FRAME_##type)
#define OF_BOTH                                                                \
    (BIT(DATA) | BIT(HEADERS) | BIT(RST_STREAM) | BIT(SETTINGS) | BIT(PING) |  \
     BIT(GOAWAY) | BIT(WINDOW_UPDATE) | BIT(CONTINUATION))

/* Which frames were sent. */
struct seen {
    uint32_t types;   /* bits */
    unsigned blocks;  /* HEADERS and PUSH_PROMISE */
    unsigned padded;  /* of all frames */
    unsigned longest; /* CONTINUATION frames of one block */
};

static struct talk *begin(enum h2core_role role, uint32_t padding_bits)
{
    struct h2core_config config;
    struct talk *talk;

    h2core_config_init(&config, role);
    config.padding_bits = padding_bits;
    config.padding_seed = 4;
    config.settings.enable_push = role == H2CORE_CLIENT;
    talk = talk_begin(&config);
    talk->log.len = 0;
    return talk;
}

/* Feed, take the events, write; what was sent is kept. */
static void go(struct talk *talk)
{
    talk_feed(talk);
    talk_events(talk);
    while (talk_write_some(talk, 5000))
        ;
}

static void see_padding(const uint8_t *payload, uint32_t len)
{
    uint32_t i;

    assert_true(payload[0] < len);
    for (i = 0; i < payload[0]; i++)
        assert_int_equal(payload[len - 1 - i], 0); /* RFC 9113 6.1, 6.2, 6.6 */
}

/* Stream of the field block that `head` leaves open, 0 for none. */
static uint32_t see_block(struct seen *seen,
                          const struct h2core_frame_head *head, uint32_t open,
                          unsigned *continued)
{
    bool goes_on = head->type == H2CORE_FRAME_CONTINUATION;
    bool begins = head->type == H2CORE_FRAME_HEADERS ||
                  head->type == H2CORE_FRAME_PUSH_PROMISE;

    assert_int_equal(goes_on, open != 0); /* RFC 9113 4.3 */
    *continued = goes_on ? *continued + 1 : 0;
    if (*continued > seen->longest)
        seen->longest = *continued;
    seen->blocks += begins;
    if (!goes_on && !begins)
        return 0;
    if (goes_on)
        assert_int_equal(head->stream_id, open);
    return head->flags & H2CORE_FLAG_END_HEADERS ? 0 : head->stream_id;
}

static struct seen look(const struct talk *talk)
{
    struct h2core_frame_head head;
    struct seen seen;
    const struct hc_frame_def *def;
    uint32_t open = 0;
    unsigned continued = 0;
    size_t at = 0;

    memset(&seen, 0, sizeof(seen));
    while (at < talk->sent_len) {
        assert_true(talk->sent_len - at >= H2CORE_FRAME_HEAD_LEN);
        h2core_frame_head_read(talk->sent + at, &head);
        assert_int_equal(talk->sent[at + 5] & 0x80, 0); /* RFC 9113 4.1 */
        at += H2CORE_FRAME_HEAD_LEN;
        assert_true(head.length <= 16384 && head.length <= talk->sent_len - at);
        def = hc_frame_def_find(head.type);
        assert_non_null(def);
        assert_int_equal(head.flags & ~def->flags, 0); /* RFC 9113 4.1 */
        assert_int_equal(h2core_frame_check(&head, 16384), 0);
        if (head.flags & def->flags & H2CORE_FLAG_PADDED) {
            see_padding(talk->sent + at, head.length);
            seen.padded++;
        }
        open = see_block(&seen, &head, open, &continued);
        seen.types |= 1u << head.type;
        at += head.length;
    }
    assert_int_equal(open, 0);
    return seen;
}

/* A field of 40000 octets that Huffman coding does not shorten, of a request
 * or response that it makes larger than two frames. */
static size_t wide(const char *text, struct h2core_field *fields)
{
    static char value[40000];
    size_t count = talk_fields(text, fields);

    memset(value, '!', sizeof(value));
    memset(&fields[count], 0, sizeof(fields[count]));
    fields[count].name = "x-wide";
    fields[count].name_len = 6;
    fields[count].value = value;
    fields[count].value_len = sizeof(value);
    return count + 1;
}

/* ---- a server ---------------------------------------------------------- */

static void test_a_server(void **state)
{
    struct h2core_field fields[17];
    struct talk *talk = begin(H2CORE_SERVER, 0);
    struct seen seen;
    size_t count;

    (void)state;
    talk_request(talk, 1, 0, "/");
    talk_request(talk, 3, END, "/");
    talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "\0\0\0\0\0\0\0\1", 8);
    talk_setting(talk, H2CORE_SETTINGS_HEADER_TABLE_SIZE, 0);
    go(talk);
    assert_int_equal(h2core_session_ping(talk->session, "12345678"), 0);
    count = wide(PUSHED, fields);
    assert_int_equal(h2core_session_push(talk->session, 1, fields, count, NULL),
                     2);
    count = wide(":status=200", fields);
    assert_int_equal(
        h2core_session_respond(talk->session, 3, fields, count, 0, NULL), 0);
    assert_int_equal(h2core_session_offer(talk->session, 3, 40000, 0), 0);
    assert_int_equal(h2core_session_reset(talk->session, 2, H2CORE_CANCEL), 0);
    go(talk);
    assert_int_equal(talk_respond(talk, 3, NULL, "a=b", H2CORE_TRAILERS), 0);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    go(talk);
    seen = look(talk);
    assert_int_equal(seen.types & ~(OF_BOTH | BIT(PUSH_PROMISE)), 0);
    assert_true(seen.types & BIT(PUSH_PROMISE));
    assert_int_equal(seen.blocks, 3);
    assert_true(seen.longest >= 2);
    talk_end(talk);
}

/* ---- a client ---------------------------------------------------------- */

static void test_a_client(void **state)
{
    struct h2core_field fields[17];
    struct talk *talk = begin(H2CORE_CLIENT, 5);
    size_t count = wide(TALK_POST, fields);
    struct seen seen;

    (void)state;
    assert_int_equal(
        h2core_session_request(talk->session, fields, count, 0, NULL), 1);
    assert_int_equal(h2core_session_offer(talk->session, 1, 30000, 0), 0);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 3);
    assert_int_equal(h2core_session_ping(talk->session, "12345678"), 0);
    go(talk);
    assert_int_equal(talk_respond(talk, 1, NULL, "a=b", H2CORE_TRAILERS), 0);
    talk_headers(talk, 3, 0, ":status=200");
    talk_data(talk, 3, 0, 16000);
    go(talk);
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_CANCEL), 0);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    go(talk);
    seen = look(talk);
    /* RFC 9113 8.4.1, RFC 9218 7.1 */
    assert_int_equal(seen.types & ~OF_BOTH, 0);
    assert_int_equal(seen.blocks, 3);
    assert_true(seen.longest >= 2 && seen.padded > 0);
    talk_end(talk);
}

/* ---- what is refused instead of being sent ------------------------------ */

static const char *const bad_trailers[] = {
    ":status=200", ":path=/",         ":x=y", "X=y", "x= y",
    "x=a\nb",      "connection=close"};

static void refuse_trailers(struct talk *talk, uint32_t id)
{
    size_t i;

    for (i = 0; i < CASE_COUNT(bad_trailers); i++)
        case_int((int)i,
                 talk_respond(talk, id, NULL, bad_trailers[i], H2CORE_TRAILERS),
                 H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, id, NULL, "x=y", H2CORE_TRAILERS), 0);
}

/* RFC 9113 8.1, 8.2 */
static void test_trailers_are_judged(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, 0);

    (void)state;
    talk_request(talk, 1, END, "/");
    go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    refuse_trailers(talk, 1);
    talk_end(talk);
    talk = begin(H2CORE_CLIENT, 0);
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 1);
    refuse_trailers(talk, 1);
    talk_end(talk);
}

/* RFC 9113 5.1, 6.4 */
static void test_states_forbid(void **state)
{
    struct h2core_field fields[17];
    struct talk *talk = begin(H2CORE_SERVER, 0);
    size_t count = talk_fields(PUSHED, fields);

    (void)state;
    talk_request(talk, 1, END, "/");
    go(talk);
    /* idle */
    assert_int_equal(h2core_session_reset(talk->session, 3, 0),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_reset(talk->session, 2, 0),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 2, "200", NULL, 0), H2CORE_E_INVALID);
    /* reserved (local) */
    assert_int_equal(h2core_session_push(talk->session, 1, fields, count, NULL),
                     2);
    assert_int_equal(h2core_session_offer(talk->session, 2, 5, 0),
                     H2CORE_E_STATE);
    assert_int_equal(talk_respond(talk, 2, NULL, "x=y", H2CORE_TRAILERS),
                     H2CORE_E_STATE);
    /* closed */
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_offer(talk->session, 1, 5, 0),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

/* RFC 9113 5.1: reserved (remote) */
static void test_a_promised_stream_is_the_servers(void **state)
{
    struct talk *talk = begin(H2CORE_CLIENT, 0);

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    go(talk);
    talk_promise(talk, 1, 2, PUSHED);
    go(talk);
    talk->sent_len = 0;
    assert_true(talk_respond(talk, 2, "200", NULL, 0) < 0);
    assert_int_equal(talk_respond(talk, 2, NULL, "x=y", H2CORE_TRAILERS),
                     H2CORE_E_STATE);
    assert_int_equal(h2core_session_offer(talk->session, 2, 5, 0),
                     H2CORE_E_STATE);
    go(talk);
    assert_int_equal(talk->sent_len, 0);
    assert_int_equal(h2core_session_reset(talk->session, 2, H2CORE_CANCEL), 0);
    go(talk);
    assert_int_equal(look(talk).types, BIT(RST_STREAM));
    talk_end(talk);
}

/* ---- the writer of single frames --------------------------------------- */

static void test_the_writer_pads_with_zeros(void **state)
{
    static const uint8_t types[] = {H2CORE_FRAME_DATA, H2CORE_FRAME_HEADERS,
                                    H2CORE_FRAME_PUSH_PROMISE};
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(types); i++) {
        struct h2core_frame frame;
        uint8_t out[100];
        int64_t len;

        memset(out, 0xff, sizeof(out));
        memset(&frame, 0, sizeof(frame));
        frame.head.type = types[i];
        frame.head.flags = H2CORE_FLAG_PADDED;
        frame.head.stream_id = 1;
        if (types[i] == H2CORE_FRAME_PUSH_PROMISE)
            frame.u.promised_id = 2;
        frame.data = (const uint8_t *)"abc";
        frame.data_len = 3;
        frame.pad_len = 20;
        len = h2core_frame_write(&frame, out, sizeof(out));
        assert_true(len > H2CORE_FRAME_HEAD_LEN + 20);
        assert_int_equal(out[H2CORE_FRAME_HEAD_LEN], 20);
        see_padding(out + H2CORE_FRAME_HEAD_LEN,
                    (uint32_t)len - H2CORE_FRAME_HEAD_LEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server),
        cmocka_unit_test(test_a_client),
        cmocka_unit_test(test_trailers_are_judged),
        cmocka_unit_test(test_states_forbid),
        cmocka_unit_test(test_a_promised_stream_is_the_servers),
        cmocka_unit_test(test_the_writer_pads_with_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
