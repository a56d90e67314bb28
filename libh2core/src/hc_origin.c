/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_origin.c - the form of origins.  Layer 3.
 */
#include "hc_origin.h"

#define PORT_DIGITS_MAX 5

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* RFC 3986 3.1, in lower case as a serialization has it; answers its length,
 * 0: there is none. */
static size_t scheme_len(const char *text, size_t len)
{
    size_t n = 0;

    if (!len || !is_lower(text[0]))
        return 0;
    while (n < len && (is_lower(text[n]) || is_digit(text[n]) ||
                       text[n] == '+' || text[n] == '-' || text[n] == '.'))
        n++;
    return n;
}

/* Of a name or an IPv4 address: unreserved, escapes and sub-delims (RFC 3986
 * 3.2.2). */
static bool is_host_char(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~%!$&'()*+,;=", c));
}

/* Answers the length of the host, brackets included; 0: there is none. */
static size_t host_len(const char *text, size_t len)
{
    bool is_literal = len && text[0] == '[';
    size_t n = is_literal;

    while (n < len && (is_host_char(text[n]) || (is_literal && text[n] == ':')))
        n++;
    if (!is_literal)
        return n;
    return n > 1 && n < len && text[n] == ']' ? n + 1 : 0;
}

static bool is_port(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && is_digit(text[n]))
        n++;
    return n == len && n > 0 && n <= PORT_DIGITS_MAX;
}

bool hc_origin_is_valid(const char *text, size_t len)
{
    size_t n = scheme_len(text, len);

    if (!n || len - n < 3 || memcmp(text + n, "://", 3) != 0)
        return false;
    text += n + 3;
    len -= n + 3;
    n = host_len(text, len);
    if (!n || n == len)
        return n > 0;
    return text[n] == ':' && is_port(text + n + 1, len - n - 1);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool hc_origin_is_field_value(const char *text, size_t len)
{
    size_t i;

    if (!len || is_blank(text[0]) || is_blank(text[len - 1]))
        return false;
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}
