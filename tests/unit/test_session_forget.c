/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_forget.c - bodies that are given up: their memory is not looked
 * at any more, however far they were written.
 */
#include "talk.h"

#include <stdlib.h>

#define END H2CORE_FLAG_END_STREAM
#define HEAD "> HEADERS 1 end_headers  :status=200\n"
#define CLOSED "CLOSED 1 INTERNAL_ERROR LOCAL_RESET\n"
#define RESET "> RST_STREAM 1 INTERNAL_ERROR\n"
#define ABORTED "SENT 1 x aborted\n"

/* Where a body is when it is forgotten. */
static const struct {
    int line;
    bool is_offered;
    bool has_end;
    size_t listed;        /* octets listed, */
    size_t written;       /* and written: 10 are those of HEADERS */
    const char *expected; /* events, then frames */
} cases[] = {
    {__LINE__, false, true, 0, 0, ABORTED CLOSED HEAD RESET},
    {__LINE__, false, false, 0, 0, ABORTED CLOSED HEAD RESET},
    {__LINE__, true, true, 0, 0, CLOSED HEAD RESET},
    {__LINE__, true, false, 0, 0, CLOSED HEAD RESET},
    /* listed only: the head of DATA is withdrawn */
    {__LINE__, false, true, 1000, 0, ABORTED CLOSED HEAD RESET},
    {__LINE__, true, true, 1000, 0, CLOSED HEAD RESET},
    /* a head that was begun is completed, without END_STREAM */
    {__LINE__, false, true, 1000, 11,
     ABORTED CLOSED HEAD "> DATA 1 len=3 \"\\x00\\x00\\x00\"\n" RESET},
    {__LINE__, true, true, 1000, 11,
     CLOSED HEAD "> DATA 1 len=3 \"\\x00\\x00\\x00\"\n" RESET},
    /* all of it: nothing is given up */
    {__LINE__, false, true, 1000, 1000,
     "SENT 1 x\nCLOSED 1\n" HEAD "> DATA 1 end_stream len=3 \"abc\"\n"},
    {__LINE__, false, false, 1000, 1000,
     "SENT 1 x\n" HEAD "> DATA 1 len=3 \"abc\"\n"},
    {__LINE__, true, false, 1000, 1000,
     HEAD "> DATA 1 len=3 \"\\x00\\x01\\x02\"\n"},
};

static void give_up(struct talk *talk, size_t i)
{
    unsigned flags = cases[i].has_end ? H2CORE_END_STREAM : 0;
    struct h2core_out out[8];
    char *body = malloc(3);
    int rc;

    assert_non_null(body);
    memcpy(body, "abc", 3);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    if (cases[i].is_offered)
        rc = h2core_session_offer(talk->session, 1, 3, flags);
    else
        rc = h2core_session_body(talk->session, 1, body, 3, flags,
                                 (void *)(uintptr_t)"x");
    case_int(cases[i].line, rc, 0);
    if (cases[i].listed)
        assert_true(h2core_session_output(talk->session, out, 8,
                                          cases[i].listed) > 0);
    if (cases[i].written)
        talk_write_some(talk, cases[i].written);
    rc = h2core_session_forget_body(talk->session, 1);
    case_int(cases[i].line, rc == 0 || rc == H2CORE_E_CLOSED, true);
    memset(body, '?', 3);
    free(body);
}

static void test_wherever_it_is(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = talk_begin(NULL);

        talk_request(talk, 1, END, "/");
        talk_go(talk);
        talk->log.len = 0;
        give_up(talk, i);
        talk_go(talk);
        talk_expect_at(talk, cases[i].expected, cases[i].line);
        talk_end(talk);
    }
}

static void test_streams_without_a_body(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(h2core_session_forget_body(talk->session, 1), 0);
    assert_int_equal(h2core_session_forget_body(talk->session, 3),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, H2CORE_END_STREAM), 0);
    talk_go(talk);
    assert_int_equal(h2core_session_forget_body(talk->session, 1),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wherever_it_is),
        cmocka_unit_test(test_streams_without_a_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
