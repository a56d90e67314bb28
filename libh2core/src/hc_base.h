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

#define HC_MUST_USE H2CORE_MUST_USE
#define HC_LEN(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__GNUC__) || defined(__clang__)
#define hc_likely(x) __builtin_expect(!!(x), 1)
#define hc_unlikely(x) __builtin_expect(!!(x), 0)
#define hc_unreachable() __builtin_unreachable()
/* Seldom called: kept out of its callers. */
#define HC_COLD __attribute__((cold, noinline))
#else
#define HC_COLD
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
