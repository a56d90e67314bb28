/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text.c - text into a fixed room.  Layer 0.
 */
#include "hc_text.h"

static const char hex_digits[] = "0123456789abcdef";

void hc_text_init(struct hc_text *text, char *out, size_t cap)
{
    text->out = out;
    text->cap = cap;
    text->len = 0;
}

void hc_text_char(struct hc_text *text, char c)
{
    if (text->len < text->cap)
        text->out[text->len] = c;
    text->len++;
}

void hc_text_str(struct hc_text *text, const char *str)
{
    while (*str)
        hc_text_char(text, *str++);
}

void hc_text_uint(struct hc_text *text, uint32_t value)
{
    char digits[10];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (n)
        hc_text_char(text, digits[--n]);
}

static void put_octet(struct hc_text *text, uint8_t octet)
{
    hc_text_char(text, hex_digits[octet >> 4]);
    hc_text_char(text, hex_digits[octet & 15]);
}

void hc_text_hex(struct hc_text *text, uint32_t value)
{
    uint8_t octets[4];
    size_t i = 0;

    hc_put_u32(octets, value);
    while (i < 3 && octets[i] == 0)
        i++;
    hc_text_str(text, "0x");
    hc_text_octets(text, octets + i, 4 - i);
}

void hc_text_octets(struct hc_text *text, const uint8_t *octets, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        put_octet(text, octets[i]);
}

static bool is_plain(uint8_t octet)
{
    return octet > 0x20 && octet < 0x7f && octet != '"' && octet != '\\';
}

void hc_text_quoted(struct hc_text *text, const void *octets, size_t len)
{
    const uint8_t *p = octets;
    size_t i;

    hc_text_char(text, '"');
    for (i = 0; i < len; i++) {
        if (is_plain(p[i]) || p[i] == ' ') {
            hc_text_char(text, (char)p[i]);
            continue;
        }
        hc_text_char(text, '\\');
        if (p[i] == '"' || p[i] == '\\') {
            hc_text_char(text, (char)p[i]);
        } else {
            hc_text_char(text, 'x');
            put_octet(text, p[i]);
        }
    }
    hc_text_char(text, '"');
}

void hc_text_word(struct hc_text *text, const void *octets, size_t len)
{
    const uint8_t *p = octets;
    size_t i;

    for (i = 0; i < len && is_plain(p[i]); i++)
        ;
    if (i < len || len == 0) {
        hc_text_quoted(text, octets, len);
        return;
    }
    for (i = 0; i < len; i++)
        hc_text_char(text, (char)p[i]);
}

size_t hc_text_end(struct hc_text *text)
{
    if (text->cap)
        text->out[hc_min_size(text->len, text->cap - 1)] = '\0';
    return text->len;
}
