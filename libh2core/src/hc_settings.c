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

/* Value of a character of base64url (RFC 4648 5), -1 for any other. */
static int text_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '-')
        return 62;
    return c == '_' ? 63 : -1;
}

bool hc_settings_text_entry(const char *text,
                            struct h2core_setting_entry *out_entry)
{
    uint64_t bits = 0;
    int i;

    for (i = 0; i < HC_SETTINGS_TEXT_LEN; i++) {
        int digit = text_digit(text[i]);

        if (digit < 0)
            return false;
        bits = bits << 6 | (unsigned)digit;
    }
    out_entry->id = (uint16_t)(bits >> 32);
    out_entry->value = (uint32_t)bits;
    return true;
}

void hc_settings_put_text(const struct h2core_setting_entry *entry, char *text)
{
    static const char digits[64] = {
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
        'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
        'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
        'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '_'};
    uint64_t bits = (uint64_t)entry->id << 32 | entry->value;
    int i;

    for (i = HC_SETTINGS_TEXT_LEN - 1; i >= 0; i--) {
        text[i] = digits[bits & 63];
        bits >>= 6;
    }
}

bool hc_settings_apply_text(struct h2core_settings *settings, const char *text,
                            size_t len, uint32_t entries_max)
{
    struct h2core_setting_entry entry;
    size_t at;

    if (len % HC_SETTINGS_TEXT_LEN || len / HC_SETTINGS_TEXT_LEN > entries_max)
        return false;
    for (at = 0; at < len; at += HC_SETTINGS_TEXT_LEN) {
        if (!hc_settings_text_entry(text + at, &entry) ||
            hc_failed(hc_settings_apply(settings, entry.id, entry.value)))
            return false;
    }
    return true;
}

bool hc_settings_may_follow(const struct h2core_settings *from,
                            const struct h2core_settings *to, bool is_client)
{
    /* RFC 9113 6.5.2: a server never sends the value 1. */
    if (!is_client && to->enable_push && !from->enable_push)
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
