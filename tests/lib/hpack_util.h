/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack_util.h - blocks as hexadecimal digits, field lists and dynamic tables
 * as lines of text.
 */
#ifndef TESTS_HPACK_UTIL_H
#define TESTS_HPACK_UTIL_H

#include "hc_hpack_dec.h"

/* Octets of a run of hexadecimal digits (blanks are skipped).  The block ends
 * at a guard page; free it with guard_free(). */
uint8_t *hex_block(const char *hex, size_t *out_len);

/* "name: value\n" for each field, followed by "!" and letters for its flags
 * before the line's end: N never-index, n bad name, v bad value.  Octets
 * that do not print are written \xNN.  To be freed. */
char *fields_text(const struct h2core_field *fields, size_t count);

/* The same of a dynamic table, newest entry first. */
char *table_text(const struct hc_hpack_table *table);

/*
 * Fields of lines "name: value\n"; "!N", "!X", "!H" and "!P" at a line's end,
 * or several of the letters, set NEVER_INDEX, NO_INDEX, HUFFMAN and
 * NO_HUFFMAN.  Answers their number, at most `cap`; the fields
 * point into `text`, which is changed.
 */
size_t fields_parse(char *text, struct h2core_field *fields, size_t cap);

/* Decode hexadecimal digits; answers what hc_hpack_decode() does.  *out_text
 * is fields_text() of the result, to be freed. */
int decode_hex(struct hc_hpack_dec *dec, const char *hex, char **out_text);

#endif /* TESTS_HPACK_UTIL_H */
