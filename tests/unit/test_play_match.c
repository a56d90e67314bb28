/* SPDX-License-Identifier: Apache-2.0
 *
 * test_play_match.c - what h2play compares: frames that are made of one line
 * and received as from a peer, against the line that expects them.  A
 * comparison that is forgotten would let dialogues pass that prove nothing.
 */
#include "case.h"
#include "h2play_receive.h"

/* A peer that says what it was given, and no more. */
struct fake_peer {
    struct play_peer base;
    struct play_bytes octets;
    size_t given;
};

static long give(struct play_peer *base, uint8_t *octets, size_t cap)
{
    struct fake_peer *peer = (struct fake_peer *)(void *)base;
    size_t left = peer->octets.len - peer->given;
    size_t n = left < cap ? left : cap;

    if (n)
        memcpy(octets, peer->octets.p + peer->given, n);
    peer->given += n;
    return (long)n;
}

static void add_line(struct play_bytes *out, const char *text)
{
    struct play_sender sender = {{0}, {0}};
    struct play_line line;
    const char *error = "";

    if (!play_line_parse(&line, text, &error) ||
        !play_frame_build(&sender, &line, out, &error))
        fail_msg("%s: %s", text, error);
    play_line_free(&line);
    play_bytes_free(&sender.block);
}

/* Whether the frame that `sent` makes is the one that `expected` wants. */
static bool is_match(const char *sent, const char *expected)
{
    struct fake_peer peer = {{0}, {0}, 0};
    struct play_receiver receiver;
    struct play_frame frame;
    struct play_line line;
    const char *error = "";
    bool same;

    add_line(&peer.octets, "SETTINGS");
    add_line(&peer.octets, sent);
    peer.base.receive = give;
    play_receiver_init(&receiver, &peer.base, false);
    assert_int_equal(play_receive(&receiver, &frame, &error), PLAY_GOT_FRAME);
    if (play_receive(&receiver, &frame, &error) != PLAY_GOT_FRAME)
        fail_msg("%s: %s", sent, error);
    assert_true(play_line_parse(&line, expected, &error));
    same = play_frame_match(&line, &frame, &error);
    play_line_free(&line);
    play_receiver_fini(&receiver);
    play_bytes_free(&peer.octets);
    return same;
}

#define PROMISE "PUSH_PROMISE 1 end_headers promised=4  :path=/a"
#define RANKED                                                                 \
    "HEADERS 3 end_headers depends_on=1 weight=16 exclusive  :method=GET"
#define RANK "PRIORITY 3 depends_on=1 weight=16 exclusive"
#define UPDATE "PRIORITY_UPDATE prioritized=5 \"u=3, i\""
#define ORIGINS "ORIGIN \"https://a\" \"https://b\""
#define ALTSVC "ALTSVC 0 origin=https://a \"clear\""

static const struct {
    int line;
    const char *sent;
    const char *expected;
    bool same;
} cases[] = {
    {__LINE__, PROMISE, PROMISE, true},
    {__LINE__, PROMISE, "PUSH_PROMISE 1", true},
    {__LINE__, PROMISE, "PUSH_PROMISE 1 promised=*  :path=/a", true},
    {__LINE__, PROMISE, "PUSH_PROMISE 1 promised=2", false},
    {__LINE__, PROMISE, "PUSH_PROMISE 1 promised=x", false},
    {__LINE__, PROMISE, "PUSH_PROMISE 1 promised=4  :path=/b", false},
    {__LINE__, PROMISE, "PUSH_PROMISE 3 promised=4", false},

    {__LINE__, RANKED, RANKED, true},
    {__LINE__, RANKED, "HEADERS 3  :method=GET", true},
    {__LINE__, RANKED, "HEADERS 3 depends_on=0x1 weight=*", true},
    {__LINE__, RANKED, "HEADERS 3 depends_on=0", false},
    {__LINE__, RANKED, "HEADERS 3 weight=15", false},
    {__LINE__, "HEADERS 3 end_headers depends_on=1  a=b",
     "HEADERS 3 exclusive", false},
    {__LINE__, "HEADERS 3 end_headers  a=b", "HEADERS 3 depends_on=0", false},
    {__LINE__, "HEADERS 3 end_headers  a=b", "HEADERS 3 exclusive", false},
    {__LINE__, "HEADERS 3 end_headers  exclusive=1", "HEADERS 3 exclusive=1",
     true},
    {__LINE__, "HEADERS 3 end_headers  \"weight\"=7", "HEADERS 3 \"weight\"=7",
     true},

    {__LINE__, RANK, RANK, true},
    {__LINE__, RANK, "PRIORITY 3", true},
    {__LINE__, RANK, "PRIORITY 3 depends_on=7", false},
    {__LINE__, RANK, "PRIORITY 3 weight=17", false},
    {__LINE__, "PRIORITY 3 depends_on=1", "PRIORITY 3 exclusive", false},

    {__LINE__, UPDATE, UPDATE, true},
    {__LINE__, UPDATE, "PRIORITY_UPDATE", true},
    {__LINE__, UPDATE, "PRIORITY_UPDATE prioritized=7 \"u=3, i\"", false},
    {__LINE__, UPDATE, "PRIORITY_UPDATE prioritized=5 \"u=3\"", false},

    {__LINE__, ORIGINS, ORIGINS, true},
    {__LINE__, ORIGINS, "ORIGIN", true},
    {__LINE__, ORIGINS, "ORIGIN \"https://a\"", false},
    {__LINE__, ORIGINS, "ORIGIN \"https://b\" \"https://a\"", false},
    {__LINE__, ORIGINS, "ORIGIN \"https://a\" \"https://b\" \"\"", false},
    {__LINE__, "ORIGIN", "ORIGIN \"https://a\"", false},

    {__LINE__, ALTSVC, ALTSVC, true},
    {__LINE__, ALTSVC, "ALTSVC 0 origin=*", true},
    {__LINE__, ALTSVC, "ALTSVC 0 origin=https://b \"clear\"", false},
    {__LINE__, ALTSVC, "ALTSVC 0 origin=https://a \"other\"", false},
    {__LINE__, "ALTSVC 1 \"clear\"", "ALTSVC 1 origin=https://a", false},

    {__LINE__, "GOAWAY last=3 NO_ERROR \"bye\"", "GOAWAY last=3 \"bye\"", true},
    {__LINE__, "GOAWAY last=3 NO_ERROR", "GOAWAY last=1", false},
    {__LINE__, "GOAWAY last=3 NO_ERROR", "GOAWAY CANCEL", false},
    {__LINE__, "GOAWAY last=3 NO_ERROR \"bye\"", "GOAWAY \"by\"", false},
    {__LINE__, "WINDOW_UPDATE 1 increment=7", "WINDOW_UPDATE 1 increment=8",
     false},
    {__LINE__, "RST_STREAM 1 CANCEL", "RST_STREAM 1 NO_ERROR|CANCEL", true},
    {__LINE__, "RST_STREAM 1 CANCEL", "RST_STREAM 1 NO_ERROR", false},
    {__LINE__, "PING opaque=0102030405060708", "PING opaque=0102030405060709",
     false},
    {__LINE__, "SETTINGS ENABLE_PUSH=0", "SETTINGS ENABLE_PUSH=1", false},
    {__LINE__, "DATA 1 len=5 \"hello\"", "DATA 1 \"hello\"", true},
    {__LINE__, "DATA 1 len=5 \"hello\"", "DATA 1 \"hell\"", false},
    {__LINE__, "DATA 1 end_stream len=0", "DATA 1", false},
};

static void test_lines(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++)
        case_int(cases[i].line, is_match(cases[i].sent, cases[i].expected),
                 cases[i].same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
    };

    return cmocka_run_group_tests_name("play_match", tests, NULL, NULL);
}
