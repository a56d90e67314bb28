/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_settings.h - values of settings (RFC 9113 6.5.2): initial ones, ranges,
 * what to announce, and their spelling in HTTP2-Settings.  It knows no frames
 * and not when a value comes into force.  Layer 3.
 */
#ifndef HC_SETTINGS_H
#define HC_SETTINGS_H

#include "hc_err.h"

#include <h2core/frame.h>

/* Settings known here: as many entries can differ between two sets. */
enum {
    HC_SETTINGS_ZERO,
#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    HC_SETTINGS_NTH_##name,
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    HC_SETTINGS_END
};
#define HC_SETTINGS_COUNT (HC_SETTINGS_END - 1)

/* Set all to what holds before any SETTINGS frame. */
void hc_settings_init(struct h2core_settings *settings);

/* Is every value within its range? */
bool hc_settings_are_valid(const struct h2core_settings *settings);

/*
 * Apply one entry as received; unknown ones are ignored.  Unchanged on
 * error.  Reasons: SETTINGS_VALUE, SETTINGS_WINDOW_VALUE, of the connection.
 */
HC_MUST_USE struct hc_err hc_settings_apply(struct h2core_settings *settings,
                                            uint16_t id, uint32_t value);

/*
 * HTTP2-Settings (RFC 7540 3.2.1) is a SETTINGS payload in base64url, without
 * padding: six octets are eight characters, so that each entry stands for
 * itself.  Read one; false for a character that is not of the alphabet.
 */
#define HC_SETTINGS_TEXT_LEN 8
HC_MUST_USE bool hc_settings_text_entry(const char *text,
                                        struct h2core_setting_entry *out_entry);

/* Write one, HC_SETTINGS_TEXT_LEN characters. */
void hc_settings_put_text(const struct h2core_setting_entry *entry, char *text);

/* Apply a whole value of HTTP2-Settings with at most `entries_max` entries;
 * false, and *settings is not to be used, when it is none. */
HC_MUST_USE bool hc_settings_apply_text(struct h2core_settings *settings,
                                        const char *text, size_t len,
                                        uint32_t entries_max);

/* May a client or a server announce `to` when `from` was announced before? */
bool hc_settings_may_follow(const struct h2core_settings *from,
                            const struct h2core_settings *to, bool is_client);

/* List what differs in `to`; answers the number of entries, at most
 * HC_SETTINGS_COUNT. */
uint32_t hc_settings_diff(const struct h2core_settings *from,
                          const struct h2core_settings *to,
                          struct h2core_setting_entry *out_entries);

#endif /* HC_SETTINGS_H */
