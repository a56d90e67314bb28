/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_frame_write.h - typed frames to octets.  The small writers put one
 * whole frame into room the caller has made and answer its end; they trust
 * their arguments.  hc_frame_write() takes any frame and checks it.
 * Layer 2.
 */
#ifndef HC_FRAME_WRITE_H
#define HC_FRAME_WRITE_H

#include "hc_frame_def.h"

/* Octets each frame takes, its head included. */
#define HC_LEN_HEAD H2CORE_FRAME_HEAD_LEN
#define HC_LEN_PRIORITY (HC_LEN_HEAD + 5)
#define HC_LEN_RST_STREAM (HC_LEN_HEAD + 4)
#define HC_LEN_SETTING 6 /* one entry */
#define HC_LEN_PING (HC_LEN_HEAD + 8)
#define HC_LEN_GOAWAY (HC_LEN_HEAD + 8) /* and the debug data */
#define HC_LEN_WINDOW_UPDATE (HC_LEN_HEAD + 4)

/* A head alone; `len` octets of payload follow it. */
static inline uint8_t *hc_write_head(uint8_t *to, uint32_t len, uint8_t type,
                                     uint8_t flags, uint32_t stream_id)
{
    hc_assert(len <= HC_FRAME_LEN_MAX && stream_id <= HC_STREAM_ID_MAX);
    hc_put_u24(to, len);
    to[3] = type;
    to[4] = flags;
    hc_put_u32(to + 5, stream_id);
    return to + HC_LEN_HEAD;
}

/* SETTINGS of `count` entries: HC_LEN_HEAD + count * HC_LEN_SETTING. */
static inline uint8_t *
hc_write_settings(uint8_t *to, const struct h2core_setting_entry *entries,
                  uint32_t count)
{
    uint32_t i;

    to = hc_write_head(to, count * HC_LEN_SETTING, H2CORE_FRAME_SETTINGS, 0, 0);
    for (i = 0; i < count; i++, to += HC_LEN_SETTING) {
        hc_put_u16(to, entries[i].id);
        hc_put_u32(to + 2, entries[i].value);
    }
    return to;
}

static inline uint8_t *hc_write_settings_ack(uint8_t *to)
{
    return hc_write_head(to, 0, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0);
}

/* `flags` is 0 or H2CORE_FLAG_ACK. */
static inline uint8_t *hc_write_ping(uint8_t *to, uint8_t flags,
                                     const uint8_t opaque[8])
{
    to = hc_write_head(to, 8, H2CORE_FRAME_PING, flags, 0);
    memcpy(to, opaque, 8);
    return to + 8;
}

/* GOAWAY with `len` octets of debug data: HC_LEN_GOAWAY + len. */
static inline uint8_t *hc_write_goaway(uint8_t *to, uint32_t last_id,
                                       uint32_t error_code, const void *debug,
                                       uint32_t len)
{
    to = hc_write_head(to, 8 + len, H2CORE_FRAME_GOAWAY, 0, 0);
    hc_put_u32(to, last_id);
    hc_put_u32(to + 4, error_code);
    if (len)
        memcpy(to + 8, debug, len);
    return to + 8 + len;
}

static inline uint8_t *hc_write_rst_stream(uint8_t *to, uint32_t stream_id,
                                           uint32_t error_code)
{
    to = hc_write_head(to, 4, H2CORE_FRAME_RST_STREAM, 0, stream_id);
    hc_put_u32(to, error_code);
    return to + 4;
}

static inline uint8_t *hc_write_window_update(uint8_t *to, uint32_t stream_id,
                                              uint32_t increment)
{
    hc_assert(increment >= 1 && increment <= 0x7fffffffu);
    to = hc_write_head(to, 4, H2CORE_FRAME_WINDOW_UPDATE, 0, stream_id);
    hc_put_u32(to, increment);
    return to + 4;
}

/* The five octets of a dependency; `weight` is 1 to 256. */
static inline uint8_t *hc_write_dependency(uint8_t *to, uint32_t depends_on,
                                           uint16_t weight, bool exclusive)
{
    hc_assert(weight >= 1 && weight <= 256);
    hc_put_u32(to, depends_on | (exclusive ? 0x80000000u : 0));
    to[4] = (uint8_t)(weight - 1);
    return to + 5;
}

static inline uint8_t *hc_write_priority(uint8_t *to, uint32_t stream_id,
                                         uint32_t depends_on, uint16_t weight,
                                         bool exclusive)
{
    to = hc_write_head(to, 5, H2CORE_FRAME_PRIORITY, 0, stream_id);
    return hc_write_dependency(to, depends_on, weight, exclusive);
}

/* Octets that hc_frame_write() needs; 0 when the frame makes no sense:
 * a number out of its range, or more payload than a head can say. */
HC_MUST_USE size_t hc_frame_write_len(const struct h2core_frame *frame);

/* Write a frame for which hc_frame_write_len() answered other than 0, into
 * that much room.  Answers the end. */
uint8_t *hc_frame_write(const struct h2core_frame *frame, uint8_t *to);

#endif /* HC_FRAME_WRITE_H */
