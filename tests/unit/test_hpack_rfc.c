/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_rfc.c - the examples of RFC 7541 C: blocks decode to the lists
 * and tables printed there, and where our encoder's choices are those of the
 * examples, the lists encode to the octets printed there.
 */
#include "case.h"
#include "guard.h"
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hpack_util.h"

#include <stdlib.h>

/* clang-format off */
static const struct example {
    int line;
    const char *section;
    bool begins;           /* with a fresh table of this size */
    uint32_t table_octets;
    const char *hex;
    const char *fields;
    const char *table;     /* after it, newest entry first */
    uint32_t octets;
} examples[] = {
    {__LINE__, "C.2.1", true, 4096,
     "400a637573746f6d2d6b65790d637573"
     "746f6d2d686561646572",
     "custom-key: custom-header\n",
     "custom-key: custom-header\n", 55},
    {__LINE__, "C.2.2", true, 4096,
     "040c2f73616d706c652f70617468",
     ":path: /sample/path\n",
     "", 0},
    {__LINE__, "C.2.3", true, 4096,
     "100870617373776f7264067365637265"
     "74",
     "password: secret !N\n",
     "", 0},
    {__LINE__, "C.2.4", true, 4096,
     "82",
     ":method: GET\n",
     "", 0},
    {__LINE__, "C.3.1", true, 4096,
     "828684410f7777772e6578616d706c65"
     "2e636f6d",
     ":method: GET\n"
     ":scheme: http\n"
     ":path: /\n"
     ":authority: www.example.com\n",
     ":authority: www.example.com\n", 57},
    {__LINE__, "C.3.2", false, 4096,
     "828684be58086e6f2d6361636865",
     ":method: GET\n"
     ":scheme: http\n"
     ":path: /\n"
     ":authority: www.example.com\n"
     "cache-control: no-cache\n",
     "cache-control: no-cache\n"
     ":authority: www.example.com\n", 110},
    {__LINE__, "C.3.3", false, 4096,
     "828785bf400a637573746f6d2d6b6579"
     "0c637573746f6d2d76616c7565",
     ":method: GET\n"
     ":scheme: https\n"
     ":path: /index.html\n"
     ":authority: www.example.com\n"
     "custom-key: custom-value\n",
     "custom-key: custom-value\n"
     "cache-control: no-cache\n"
     ":authority: www.example.com\n", 164},
    {__LINE__, "C.4.1", true, 4096,
     "828684418cf1e3c2e5f23a6ba0ab90f4"
     "ff",
     ":method: GET\n"
     ":scheme: http\n"
     ":path: /\n"
     ":authority: www.example.com\n",
     ":authority: www.example.com\n", 57},
    {__LINE__, "C.4.2", false, 4096,
     "828684be5886a8eb10649cbf",
     ":method: GET\n"
     ":scheme: http\n"
     ":path: /\n"
     ":authority: www.example.com\n"
     "cache-control: no-cache\n",
     "cache-control: no-cache\n"
     ":authority: www.example.com\n", 110},
    {__LINE__, "C.4.3", false, 4096,
     "828785bf408825a849e95ba97d7f8925"
     "a849e95bb8e8b4bf",
     ":method: GET\n"
     ":scheme: https\n"
     ":path: /index.html\n"
     ":authority: www.example.com\n"
     "custom-key: custom-value\n",
     "custom-key: custom-value\n"
     "cache-control: no-cache\n"
     ":authority: www.example.com\n", 164},
    {__LINE__, "C.5.1", true, 256,
     "4803333032580770726976617465611d"
     "4d6f6e2c203231204f63742032303133"
     "2032303a31333a323120474d546e1768"
     "747470733a2f2f7777772e6578616d70"
     "6c652e636f6d",
     ":status: 302\n"
     "cache-control: private\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "location: https://www.example.com\n",
     "location: https://www.example.com\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "cache-control: private\n"
     ":status: 302\n", 222},
    {__LINE__, "C.5.2", false, 256,
     "4803333037c1c0bf",
     ":status: 307\n"
     "cache-control: private\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "location: https://www.example.com\n",
     ":status: 307\n"
     "location: https://www.example.com\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "cache-control: private\n", 222},
    {__LINE__, "C.5.3", false, 256,
     "88c1611d4d6f6e2c203231204f637420"
     "323031332032303a31333a323220474d"
     "54c05a04677a69707738666f6f3d4153"
     "444a4b48514b425a584f5157454f5049"
     "5541585157454f49553b206d61782d61"
     "67653d333630303b2076657273696f6e"
     "3d31",
     ":status: 200\n"
     "cache-control: private\n"
     "date: Mon, 21 Oct 2013 20:13:22 GMT\n"
     "location: https://www.example.com\n"
     "content-encoding: gzip\n"
     "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n",
     "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n"
     "content-encoding: gzip\n"
     "date: Mon, 21 Oct 2013 20:13:22 GMT\n", 215},
    {__LINE__, "C.6.1", true, 256,
     "488264025885aec3771a4b6196d07abe"
     "941054d444a8200595040b8166e082a6"
     "2d1bff6e919d29ad171863c78f0b97c8"
     "e9ae82ae43d3",
     ":status: 302\n"
     "cache-control: private\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "location: https://www.example.com\n",
     "location: https://www.example.com\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "cache-control: private\n"
     ":status: 302\n", 222},
    {__LINE__, "C.6.2", false, 256,
     "4883640effc1c0bf",
     ":status: 307\n"
     "cache-control: private\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "location: https://www.example.com\n",
     ":status: 307\n"
     "location: https://www.example.com\n"
     "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
     "cache-control: private\n", 222},
    {__LINE__, "C.6.3", false, 256,
     "88c16196d07abe941054d444a8200595"
     "040b8166e084a62d1bffc05a839bd9ab"
     "77ad94e7821dd7f2e6c7b335dfdfcd5b"
     "3960d5af27087f3672c1ab270fb5291f"
     "9587316065c003ed4ee5b1063d5007",
     ":status: 200\n"
     "cache-control: private\n"
     "date: Mon, 21 Oct 2013 20:13:22 GMT\n"
     "location: https://www.example.com\n"
     "content-encoding: gzip\n"
     "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n",
     "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n"
     "content-encoding: gzip\n"
     "date: Mon, 21 Oct 2013 20:13:22 GMT\n", 215},
};
/* clang-format on */

static void init_decoder(struct hc_hpack_dec *dec, uint32_t table_octets)
{
    struct h2core_hpack_limits limits;

    h2core_hpack_limits_init(&limits);
    limits.table_octets = table_octets;
    hc_hpack_dec_init(dec, &limits, NULL);
}

static void examples_decode(void **state)
{
    struct hc_hpack_dec dec;
    char *text;
    size_t i;

    (void)state;
    init_decoder(&dec, 4096);
    for (i = 0; i < CASE_COUNT(examples); i++) {
        if (examples[i].begins) {
            hc_hpack_dec_fini(&dec);
            init_decoder(&dec, examples[i].table_octets);
        }
        case_int(examples[i].line, decode_hex(&dec, examples[i].hex, &text), 0);
        assert_string_equal(text, examples[i].fields);
        free(text);
        text = table_text(&dec.table);
        assert_string_equal(text, examples[i].table);
        free(text);
        case_int(examples[i].line, dec.table.octets, examples[i].octets);
    }
    hc_hpack_dec_fini(&dec);
}

/* A block cut short is an error or a shorter list, and never more. */
static void cut_examples_do_no_harm(void **state)
{
    const struct h2core_field *fields;
    struct hc_hpack_dec dec;
    uint8_t *block, *part;
    size_t i, len, cut, count;
    int err;

    (void)state;
    for (i = 0; i < CASE_COUNT(examples); i++) {
        block = hex_block(examples[i].hex, &len);
        for (cut = 0; cut < len; cut++) {
            init_decoder(&dec, examples[i].table_octets);
            part = guard_copy(block, cut);
            err = hc_hpack_decode(&dec, part, cut, &fields, &count);
            if (err)
                case_int(examples[i].line,
                         err == H2CORE_REASON_HPACK_TRUNCATED ||
                             err == H2CORE_REASON_HPACK_INDEX,
                         true);
            guard_free(part, cut);
            hc_hpack_dec_fini(&dec);
        }
        guard_free(block, len);
    }
}

/* C.4: Huffman coding, all as our encoder does it. */
static void requests_encode_to_the_octets_of_the_examples(void **state)
{
    struct h2core_field fields[16];
    struct hc_hpack_enc enc;
    uint8_t *block, out[512];
    size_t i, len, count;
    int64_t written;
    char *text;
    int seen = 0;

    (void)state;
    for (i = 0; i < CASE_COUNT(examples); i++) {
        if (strncmp(examples[i].section, "C.4", 3) != 0)
            continue;
        if (examples[i].begins)
            hc_hpack_enc_init(&enc, 4096, NULL);
        text = strdup(examples[i].fields);
        count = fields_parse(text, fields, CASE_COUNT(fields));
        written = hc_hpack_encode(&enc, fields, count, out, sizeof(out));
        block = hex_block(examples[i].hex, &len);
        case_int(examples[i].line, written, len);
        case_octets(examples[i].line, out, block, len);
        guard_free(block, len);
        free(text);
        text = table_text(&enc.table);
        assert_string_equal(text, examples[i].table);
        free(text);
        seen++;
    }
    hc_hpack_enc_fini(&enc);
    assert_int_equal(seen, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_decode),
        cmocka_unit_test(cut_examples_do_no_harm),
        cmocka_unit_test(requests_encode_to_the_octets_of_the_examples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
