/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_settings.c - values of settings.  Layer 3.
 */
#include "hc_settings.h"

void hc_settings_init(struct h2core_settings *settings)
{
#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    settings->member = initial;
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
}

static bool is_within(uint32_t value, uint32_t least, uint32_t most)
{
    return value >= least && value <= most;
}

bool hc_settings_are_valid(const struct h2core_settings *settings)
{
    return
#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    is_within(settings->member, least, most) &&
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
        true;
}

static struct hc_err fail_value(uint16_t id, enum h2core_error code)
{
    return hc_fail_as(HC_SCOPE_CONNECTION,
                      id == H2CORE_SETTINGS_INITIAL_WINDOW_SIZE
                          ? H2CORE_REASON_SETTINGS_WINDOW_VALUE
                          : H2CORE_REASON_SETTINGS_VALUE,
                      code);
}

struct hc_err hc_settings_apply(struct h2core_settings *settings, uint16_t id,
                                uint32_t value)
{
    switch (id) {
#define H2CORE_SETTING(name, id_, member, initial, least, most, error, rfc)    \
    case id_:                                                                  \
        if (!is_within(value, least, most))                                    \
            return fail_value(id, H2CORE_##error);                             \
        settings->member = value;                                              \
        break;
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    default: /* RFC 9113 6.5.2: unknown ones are ignored */
        break;
    }
    return HC_OK;
}

bool hc_settings_may_follow(const struct h2core_settings *from,
                            const struct h2core_settings *to)
{
    /* RFC 9113 6.5.2: a server never sends the value 1. */
    if (to->enable_push && !from->enable_push)
        return false;
    /* RFC 8441 3: it is not taken back. */
    if (from->enable_connect_protocol && !to->enable_connect_protocol)
        return false;
    /* RFC 9218 2.1: the first SETTINGS frame decides. */
    return from->no_rfc7540_priorities == to->no_rfc7540_priorities;
}

uint32_t hc_settings_diff(const struct h2core_settings *from,
                          const struct h2core_settings *to,
                          struct h2core_setting_entry *out_entries)
{
    uint32_t n = 0;

#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    if (to->member != from->member)                                            \
        out_entries[n++] = (struct h2core_setting_entry){id, to->member};
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    return n;
}
