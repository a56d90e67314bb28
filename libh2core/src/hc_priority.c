/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_priority.c - the value of a Priority field (RFC 9218 4), read as a
 * dictionary of structured fields (RFC 8941 3.2) with the members u and i;
 * other members, and parameters, are passed over.  And what a weight of RFC
 * 7540 means in these terms.  Layer 3.
 */
#include "hc_message.h"

/* One pass over the value; a failed step ends it. */
struct reader {
    const char *at;
    const char *end;
};

static bool at_end(const struct reader *r)
{
    return r->at == r->end;
}

static bool take(struct reader *r, char c)
{
    if (at_end(r) || *r->at != c)
        return false;
    r->at++;
    return true;
}

static void skip_blanks(struct reader *r, bool tabs)
{
    while (!at_end(r) && (*r->at == ' ' || (tabs && *r->at == '\t')))
        r->at++;
}

static bool is_key_start(char c)
{
    return (c >= 'a' && c <= 'z') || c == '*';
}

static bool is_key_char(char c)
{
    return is_key_start(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

/* RFC 8941 4.2.3.3 */
static bool take_key(struct reader *r, const char **out_key, size_t *out_len)
{
    *out_key = r->at;
    if (at_end(r) || !is_key_start(*r->at))
        return false;
    while (!at_end(r) && is_key_char(*r->at))
        r->at++;
    *out_len = (size_t)(r->at - *out_key);
    return true;
}

static bool skip_string(struct reader *r)
{
    while (!at_end(r)) {
        char c = *r->at++;

        if (c == '"')
            return true;
        if (c == '\\' && !take(r, '"') && !take(r, '\\'))
            return false;
    }
    return false;
}

/* Pass over an item whose content does not matter (RFC 8941 3.3).  An inner
 * list counts as its parts: whatever stands up to the next ',' or ';'. */
static bool skip_item(struct reader *r)
{
    const char *start = r->at;

    while (!at_end(r) && *r->at != ',' && *r->at != ';') {
        if (take(r, '"')) {
            if (!skip_string(r))
                return false;
        } else if (*r->at == ' ' || *r->at == '\t') {
            break;
        } else {
            r->at++;
        }
    }
    return r->at != start;
}

static bool skip_params(struct reader *r)
{
    const char *key;
    size_t len;

    while (take(r, ';')) {
        skip_blanks(r, false);
        if (!take_key(r, &key, &len))
            return false;
        if (take(r, '=') && !skip_item(r))
            return false;
    }
    return true;
}

static bool read_member(struct reader *r, uint8_t *urgency, bool *incremental)
{
    const char *key, *value;
    size_t len, value_len;
    bool has_value;

    if (!take_key(r, &key, &len))
        return false;
    has_value = take(r, '=');
    value = r->at;
    if (has_value && !skip_item(r))
        return false;
    value_len = (size_t)(r->at - value);
    /* RFC 9218 4: members of an unexpected type or range are ignored. */
    if (len == 1 && key[0] == 'u' && value_len == 1 && *value >= '0' &&
        *value < '0' + HC_URGENCY_COUNT)
        *urgency = (uint8_t)(*value - '0');
    if (len == 1 && key[0] == 'i') {
        if (!has_value)
            *incremental = true;
        else if (value_len == 2 && value[0] == '?' &&
                 (value[1] == '0' || value[1] == '1'))
            *incremental = value[1] == '1';
    }
    return skip_params(r);
}

void hc_message_priority(const char *value, size_t len, uint8_t *urgency,
                         bool *incremental)
{
    struct reader r = {value, value + len};
    uint8_t u = *urgency;
    bool i = *incremental;

    skip_blanks(&r, false);
    while (!at_end(&r)) {
        if (!read_member(&r, &u, &i))
            return;
        skip_blanks(&r, true);
        if (at_end(&r))
            break;
        if (!take(&r, ','))
            return;
        skip_blanks(&r, true);
        if (at_end(&r))
            return; /* RFC 8941 4.2.2: a comma at the end */
    }
    *urgency = u;
    *incremental = i;
}

uint8_t hc_message_weight_urgency(uint16_t weight)
{
    /* The default weight (RFC 7540 5.3.5) is the default urgency; above it
     * the steps part the weights that browsers chose, below it they halve. */
    static const uint16_t least[HC_URGENCY_COUNT] = {225, 161, 65, 12,
                                                     8,   4,   2,  1};
    uint8_t urgency = 0;

    while (urgency < HC_URGENCY_COUNT - 1 && weight < least[urgency])
        urgency++;
    return urgency;
}
