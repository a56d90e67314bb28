/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_base.h - compiler attributes, small arithmetic, assertions and
 * big-endian octets.  Layer 0: includes nothing of ours but types.h.
 */
#ifndef HC_BASE_H
#define HC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <h2core/types.h>

/* Every x86-64 has them; HC_PORTABLE: not even there. */
#if defined(__SSE2__) && !defined(HC_PORTABLE)
#define HC_SSE2 1
#include <emmintrin.h>
#else
#define HC_SSE2 0
#endif

#define HC_MUST_USE H2CORE_MUST_USE
#define HC_LEN(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__GNUC__) || defined(__clang__)
#define hc_likely(x) __builtin_expect(!!(x), 1)
#define hc_unlikely(x) __builtin_expect(!!(x), 0)
#define hc_unreachable() __builtin_unreachable()
/* Seldom called: kept out of its callers. */
#define HC_COLD __attribute__((cold, noinline))
/* Kept out of its callers, for their registers' sake. */
#define HC_APART __attribute__((noinline))
/* For what compilers would not take into its callers, and should. */
#define HC_INLINE __attribute__((always_inline)) inline
#define HC_FALLTHROUGH __attribute__((fallthrough))
#else
#define HC_COLD
#define HC_APART
#define HC_INLINE inline
#define HC_FALLTHROUGH ((void)0)
#define hc_likely(x) (x)
#define hc_unlikely(x) (x)
#define hc_unreachable() ((void)0)
#endif

/*
 * Debug, test and fuzz builds define HC_DEBUG: a broken invariant aborts.
 * In other builds it costs nothing; a server child that crashes would end
 * many connections.
 */
#ifdef HC_DEBUG
#define hc_assert(x) ((x) ? (void)0 : __builtin_trap())
#else
#define hc_assert(x) ((void)0)
#endif

static inline uint32_t hc_min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline size_t hc_min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Eight or four octets as they lie in memory: for hashes and comparisons. */
static inline uint64_t hc_load_8(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

static inline uint32_t hc_load_4(const char *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

/* Copy a short string, for which a call would take longer. */
static inline void hc_copy(char *to, const char *from, size_t len)
{
    size_t i;

    if (hc_unlikely(len > 128)) {
        memcpy(to, from, len);
    } else if (len >= 16) { /* the last ones may overlap */
        for (i = 0; i + 16 < len; i += 16)
            memcpy(to + i, from + i, 16);
        memcpy(to + len - 16, from + len - 16, 16);
    } else if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else {
        for (i = 0; i < len; i++)
            to[i] = from[i];
    }
}

/* Four octets, the lowest first. */
static inline uint32_t hc_get_le32(const char *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return hc_load_4(p); /* compilers do not always see what the other does */
#else
    const uint8_t *octets = (const uint8_t *)p;

    return (uint32_t)octets[3] << 24 | (uint32_t)octets[2] << 16 |
           (uint32_t)octets[1] << 8 | octets[0];
#endif
}

/* Are `len` octets the same, 16 at least?  The last ones may overlap. */
static inline bool hc_same_long(const char *a, const char *b, size_t len)
{
    size_t i;
#if HC_SSE2
#define HC_SAME_16(at)                                                         \
    _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(a + (at))), \
                   _mm_loadu_si128((const __m128i *)(const void *)(b + (at))))
    __m128i same = _mm_and_si128(HC_SAME_16(0), HC_SAME_16(len - 16));

    for (i = 16; hc_unlikely(i + 16 < len); i += 16)
        same = _mm_and_si128(same, HC_SAME_16(i));
    return _mm_movemask_epi8(same) == 0xffff;
#undef HC_SAME_16
#else
    uint64_t differ = hc_load_8(a) ^ hc_load_8(b);

    for (i = 8; i + 8 < len; i += 8)
        differ |= hc_load_8(a + i) ^ hc_load_8(b + i);
    return (differ | (hc_load_8(a + len - 8) ^ hc_load_8(b + len - 8))) == 0;
#endif
}

/* Are `len` octets the same?  For short strings that mostly are. */
static inline bool hc_same(const char *a, const char *b, size_t len)
{
    if (len >= 16)
        return hc_same_long(a, b, len);
    if (len >= 8) /* the last eight may overlap */
        return ((hc_load_8(a) ^ hc_load_8(b)) |
                (hc_load_8(a + len - 8) ^ hc_load_8(b + len - 8))) == 0;
    if (len >= 4)
        return hc_load_4(a) == hc_load_4(b) &&
               hc_load_4(a + len - 4) == hc_load_4(b + len - 4);
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] &&
                        a[len - 1] == b[len - 1]);
}

static inline uint32_t hc_get_u16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t hc_get_u24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t hc_get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static inline void hc_put_u16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void hc_put_u24(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 16);
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)v;
}

static inline void hc_put_u32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

#endif /* HC_BASE_H */
