/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_chars.h - looking for octets in text, many at a time.  What is said of
 * text may be too bad, never too good: who gets a bad answer looks again octet
 * by octet.  It knows no fields and no rules.  Layer 1.
 */
#ifndef HC_CHARS_H
#define HC_CHARS_H

#include "hc_base.h"

#define HC_EACH_OCTET (UINT64_MAX / 255) /* 0x01 in each of a word */

/* Which octets of a word may be below this one, of 0x80 at most?  Where no
 * bit is set none is. */
static inline uint64_t hc_octets_below(uint64_t word, uint64_t least)
{
    return (word - HC_EACH_OCTET * least) & ~word & HC_EACH_OCTET * 0x80;
}

#if HC_SSE2

/* Which of 16 octets does hc_is_uri_text() look for? */
static HC_INLINE __m128i hc_find_no_uri(__m128i octets, bool host)
{
#define IS(octet) _mm_cmpeq_epi8(octets, _mm_set1_epi8(octet))
    __m128i low = _mm_min_epu8(octets, _mm_set1_epi8(' '));
    __m128i found = _mm_cmpeq_epi8(low, octets);

    found = _mm_or_si128(found, _mm_or_si128(IS('#'), IS(0x7f)));
    if (!host)
        return found;
    found = _mm_or_si128(found, _mm_or_si128(IS('/'), IS('?')));
    return _mm_or_si128(found, _mm_or_si128(IS('@'), IS('\\')));
#undef IS
}

/* Is none of these octets a control, a space, "#", nor, if it is a `host`, one
 * of "/?@\"?  There are eight at least; the last ones may overlap. */
static HC_INLINE bool hc_is_uri_text(const char *text, size_t len, bool host)
{
    const __m128i *last;
    __m128i found;
    size_t i;

    if (len < 16) {
        found = _mm_set_epi64x((int64_t)hc_load_8(text),
                               (int64_t)hc_load_8(text + len - 8));
        return !_mm_movemask_epi8(hc_find_no_uri(found, host));
    }
    last = (const __m128i *)(const void *)(text + len - 16);
    found = hc_find_no_uri(_mm_loadu_si128(last), host);
    for (i = 0; i + 16 < len; i += 16) {
        __m128i next =
            _mm_loadu_si128((const __m128i *)(const void *)(text + i));

        found = _mm_or_si128(found, hc_find_no_uri(next, host));
    }
    return !_mm_movemask_epi8(found);
}

#else

static HC_INLINE bool hc_is_uri_text(const char *text, size_t len, bool host)
{
    uint64_t word, found = 0;
    size_t i;

    for (i = 0; i < len; i += sizeof(word)) {
        if (i > len - sizeof(word))
            i = len - sizeof(word);
        word = hc_load_8(text + i);
        found |= hc_octets_below(word, 0x21) |
                 hc_octets_below(word ^ HC_EACH_OCTET * '#', 1) |
                 hc_octets_below(word ^ HC_EACH_OCTET * 0x7f, 1);
        if (host)
            found |= hc_octets_below(word ^ HC_EACH_OCTET * '/', 1) |
                     hc_octets_below(word ^ HC_EACH_OCTET * '?', 1) |
                     hc_octets_below(word ^ HC_EACH_OCTET * '@', 1) |
                     hc_octets_below(word ^ HC_EACH_OCTET * '\\', 1);
    }
    return !found;
}

#endif

#endif /* HC_CHARS_H */
