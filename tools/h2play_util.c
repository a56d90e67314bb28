/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_util.c - memory, octets and numbers for h2play.
 */
#include "h2play_util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_exit(void *block)
{
    if (!block) {
        fputs("Bail out! h2play: out of memory\n", stdout);
        exit(2);
    }
    return block;
}

void *play_alloc(size_t size)
{
    return or_exit(calloc(1, size ? size : 1));
}

void *play_resize(void *block, size_t size)
{
    return or_exit(realloc(block, size ? size : 1));
}

char *play_strdup(const char *str)
{
    size_t size = strlen(str) + 1;

    return memcpy(play_alloc(size), str, size);
}

uint8_t *play_bytes_room(struct play_bytes *bytes, size_t len)
{
    if (bytes->cap - bytes->len < len + 1) {
        bytes->cap = (bytes->cap + len + 256) * 2;
        bytes->p = play_resize(bytes->p, bytes->cap);
    }
    return bytes->p + bytes->len;
}

void play_bytes_add(struct play_bytes *bytes, const void *p, size_t len)
{
    uint8_t *to = play_bytes_room(bytes, len);

    if (len)
        memcpy(to, p, len);
    bytes->len += len;
}

void play_bytes_fill(struct play_bytes *bytes, int octet, size_t len)
{
    memset(play_bytes_room(bytes, len), octet, len);
    bytes->len += len;
}

void play_bytes_u8(struct play_bytes *bytes, uint32_t value)
{
    uint8_t octet = (uint8_t)value;

    play_bytes_add(bytes, &octet, 1);
}

void play_bytes_u16(struct play_bytes *bytes, uint32_t value)
{
    play_bytes_u8(bytes, value >> 8);
    play_bytes_u8(bytes, value & 0xff);
}

void play_bytes_u32(struct play_bytes *bytes, uint32_t value)
{
    play_bytes_u16(bytes, value >> 16);
    play_bytes_u16(bytes, value & 0xffff);
}

void play_bytes_text(struct play_bytes *bytes, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return;
    play_bytes_room(bytes, (size_t)len);
    va_start(args, format);
    vsnprintf((char *)bytes->p + bytes->len, (size_t)len + 1, format, args);
    va_end(args);
    bytes->len += (size_t)len;
}

void play_bytes_drain(struct play_bytes *bytes, size_t len)
{
    if (len < bytes->len)
        memmove(bytes->p, bytes->p + len, bytes->len - len);
    bytes->len -= len;
}

void play_bytes_free(struct play_bytes *bytes)
{
    free(bytes->p);
    memset(bytes, 0, sizeof(*bytes));
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

bool play_number(const char *text, uint64_t most, uint64_t *out_value)
{
    unsigned base = 10;
    uint64_t value = 0;

    if (text[0] == '0' && text[1] == 'x') {
        base = 16;
        text += 2;
    }
    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)digit_value(*text);

        if (digit >= base || value > (most - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out_value = value;
    return true;
}

bool play_hex(const char *text, struct play_bytes *out)
{
    for (;;) {
        int high;
        int low;

        while (*text == ' ')
            text++;
        if (!*text)
            return true;
        high = digit_value(text[0]);
        low = high < 16 ? digit_value(text[1]) : 16;
        if (low == 16)
            return false;
        play_bytes_u8(out, (uint32_t)(high << 4 | low));
        text += 2;
    }
}
