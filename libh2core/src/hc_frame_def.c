/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_frame_def.c - the table of frame types and the check of a head
 * against it.  Layer 1.
 */
#include "hc_frame_def.h"

/* By type; a gap has no name. */
static const struct hc_frame_def defs[] = {
#define H2CORE_FRAME(frame, type, flags, rule, least, most, flow, fault, rfc)  \
    [type] = {#frame, rfc,   least, most,                                      \
              type,   flags, HC_FRAME_ID_##rule,                               \
              HC_FRAME_FLOW_##flow, HC_FRAME_FAULT_##fault},
#include <h2core/tables/frames.def>
#undef H2CORE_FRAME
};

const struct hc_frame_def *hc_frame_def_find(uint8_t type)
{
    if (type >= HC_LEN(defs) || !defs[type].name)
        return NULL;
    return &defs[type];
}

bool hc_frame_is_optional(uint8_t type)
{
    const struct hc_frame_def *def = hc_frame_def_find(type);

    return def && def->fault == HC_FRAME_FAULT_FRAME;
}

/* Does the length fit the type?  NONE or the reason. */
static enum h2core_reason judge_length(const struct hc_frame_def *def,
                                       const struct h2core_frame_head *head)
{
    if (head->type == H2CORE_FRAME_SETTINGS) { /* RFC 9113 6.5 */
        if (head->flags & H2CORE_FLAG_ACK && head->length)
            return H2CORE_REASON_SETTINGS_ACK_LENGTH;
        if (head->length % 6)
            return H2CORE_REASON_SETTINGS_LENGTH;
    }
    if (head->length < def->len_min || head->length > def->len_max)
        return H2CORE_REASON_FRAME_LENGTH;
    return H2CORE_REASON_NONE;
}

struct hc_err hc_frame_judge(const struct h2core_frame_head *head,
                             uint32_t frame_size_max)
{
    const struct hc_frame_def *def = hc_frame_def_find(head->type);
    enum h2core_reason reason;
    enum hc_scope scope = HC_SCOPE_CONNECTION;

    /* RFC 9113 4.2: an oversized DATA could be its stream's error alone, but
     * its payload would have to be read all the same. */
    if (head->length > frame_size_max)
        return hc_fail(scope, H2CORE_REASON_FRAME_TOO_LARGE);
    if (!def) /* RFC 9113 4.1 */
        return HC_OK;

    if (def->id_rule == HC_FRAME_ID_NONZERO && head->stream_id == 0)
        return hc_fail(scope, H2CORE_REASON_STREAM_ID_ZERO);
    if (def->id_rule == HC_FRAME_ID_ZERO && head->stream_id != 0)
        return hc_fail(scope, H2CORE_REASON_STREAM_ID_NOT_ZERO);

    reason = judge_length(def, head);
    if (reason == H2CORE_REASON_NONE)
        return HC_OK;
    if (def->fault == HC_FRAME_FAULT_STREAM) /* RFC 9113 6.3 */
        scope = HC_SCOPE_STREAM;
    return hc_fail(scope, reason);
}

struct hc_err hc_frame_check(const struct h2core_frame_head *head,
                             uint32_t frame_size_max)
{
    struct hc_err err = hc_frame_judge(head, frame_size_max);

    if (hc_failed(err) && err.reason != H2CORE_REASON_FRAME_TOO_LARGE &&
        hc_frame_is_optional(head->type))
        return HC_OK;
    return err;
}

uint32_t hc_frame_flow_len(const struct h2core_frame_head *head)
{
    const struct hc_frame_def *def = hc_frame_def_find(head->type);

    return def && def->flow == HC_FRAME_FLOW_COUNTED ? head->length : 0;
}

const char *hc_setting_name(uint16_t id)
{
    switch (id) {
#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    case id:                                                                   \
        return #name;
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    }
    return NULL;
}

bool hc_setting_find(const char *name, size_t len, uint16_t *out_id)
{
#define H2CORE_SETTING(setting, id, member, initial, least, most, error, rfc)  \
    if (len == sizeof(#setting) - 1 && memcmp(name, #setting, len) == 0) {     \
        *out_id = id;                                                          \
        return true;                                                           \
    }
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    return false;
}
