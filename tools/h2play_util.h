/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_util.h - memory that never fails (the tool ends instead), a growing
 * run of octets, and numbers from text.
 */
#ifndef H2PLAY_UTIL_H
#define H2PLAY_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed room. */
void *play_alloc(size_t size);
/* realloc(); the room added is not zeroed. */
void *play_resize(void *block, size_t size);
char *play_strdup(const char *str);

struct play_bytes {
    uint8_t *p;
    size_t len;
    size_t cap;
};

/* Room for `len` more octets, not yet counted. */
uint8_t *play_bytes_room(struct play_bytes *bytes, size_t len);
void play_bytes_add(struct play_bytes *bytes, const void *p, size_t len);
void play_bytes_fill(struct play_bytes *bytes, int octet, size_t len);
void play_bytes_u8(struct play_bytes *bytes, uint32_t value);
void play_bytes_u16(struct play_bytes *bytes, uint32_t value);
void play_bytes_u32(struct play_bytes *bytes, uint32_t value);
/* printf(), appended; the text ends with a NUL that is not counted. */
void play_bytes_text(struct play_bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void play_bytes_drain(struct play_bytes *bytes, size_t len);
void play_bytes_free(struct play_bytes *bytes);

/* A number, decimal or 0x..., of at most `most`; false if it is none. */
bool play_number(const char *text, uint64_t most, uint64_t *out_value);

/* Append pairs of hexadecimal digits; blanks may stand between pairs.
 * False if it is something else. */
bool play_hex(const char *text, struct play_bytes *out);

#endif /* H2PLAY_UTIL_H */
