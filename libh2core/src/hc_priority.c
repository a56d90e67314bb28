/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_priority.c - the value of a Priority field (RFC 9218 4), read as a
 * dictionary of structured fields (RFC 8941 4.2) with the members u and i.
 * Other members are passed over, but have to parse: what is no dictionary
 * says nothing at all.  Each loop takes an octet of the value.  And what a
 * weight of RFC 7540 means in these terms.  Layer 3.
 */
#include "hc_message.h"

/* RFC 8941 4.2.4 */
#define INTEGER_DIGITS 15
#define DECIMAL_DIGITS 12
#define FRACTION_DIGITS 3

/* One pass over the value; a failed step ends it. */
struct reader {
    const char *at;
    const char *end;
};

/* Of the types only those of u and i are told apart. */
enum item_type { ITEM_OTHER, ITEM_INTEGER, ITEM_BOOLEAN };

struct item {
    enum item_type type;
    int64_t value;
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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *chars)
{
    return c && strchr(chars, c);
}

static bool is_key_start(char c)
{
    return (c >= 'a' && c <= 'z') || c == '*';
}

/* RFC 8941 4.2.3.3 */
static bool take_key(struct reader *r, const char **out_key, size_t *out_len)
{
    *out_key = r->at;
    if (at_end(r) || !is_key_start(*r->at))
        return false;
    while (!at_end(r) && (is_key_start(*r->at) || is_digit(*r->at) ||
                          is_one_of(*r->at, "_-.")))
        r->at++;
    *out_len = (size_t)(r->at - *out_key);
    return true;
}

/* RFC 8941 4.2.4 */
static bool take_number(struct reader *r, struct item *item)
{
    bool minus = take(r, '-');
    int digits = 0;
    int fraction = 0;

    for (item->value = 0; !at_end(r) && is_digit(*r->at); r->at++) {
        if (++digits > INTEGER_DIGITS)
            return false;
        item->value = 10 * item->value + (*r->at - '0');
    }
    if (minus)
        item->value = -item->value;
    item->type = ITEM_INTEGER;
    if (!digits || !take(r, '.'))
        return digits > 0;
    item->type = ITEM_OTHER;
    for (; !at_end(r) && is_digit(*r->at); r->at++)
        fraction++;
    return digits <= DECIMAL_DIGITS && fraction > 0 &&
           fraction <= FRACTION_DIGITS;
}

/* RFC 8941 4.2.5, behind the quotation mark */
static bool skip_string(struct reader *r)
{
    while (!at_end(r)) {
        char c = *r->at++;

        if (c == '"')
            return true;
        if (c == '\\' ? !take(r, '"') && !take(r, '\\')
                      : c < ' ' || c > '~')
            return false;
    }
    return false;
}

/* RFC 8941 4.2.6 */
static bool skip_token(struct reader *r)
{
    if (at_end(r) || (!is_alpha(*r->at) && *r->at != '*'))
        return false;
    while (!at_end(r) && (is_alpha(*r->at) || is_digit(*r->at) ||
                          is_one_of(*r->at, "!#$%&'*+-.^_`|~:/")))
        r->at++;
    return true;
}

/* RFC 8941 4.2.7, behind the colon */
static bool skip_octets(struct reader *r)
{
    while (!at_end(r) && (is_alpha(*r->at) || is_digit(*r->at) ||
                          is_one_of(*r->at, "+/=")))
        r->at++;
    return take(r, ':');
}

/* RFC 8941 4.2.3.1 */
static bool take_item(struct reader *r, struct item *item)
{
    item->type = ITEM_OTHER;
    if (take(r, '"'))
        return skip_string(r);
    if (take(r, ':'))
        return skip_octets(r);
    if (take(r, '?')) { /* RFC 8941 4.2.8 */
        item->type = ITEM_BOOLEAN;
        item->value = take(r, '1');
        return item->value || take(r, '0');
    }
    if (!at_end(r) && (*r->at == '-' || is_digit(*r->at)))
        return take_number(r, item);
    return skip_token(r);
}

/* RFC 8941 4.2.3.2 */
static bool skip_params(struct reader *r)
{
    struct item item;
    const char *key;
    size_t len;

    while (take(r, ';')) {
        skip_blanks(r, false);
        if (!take_key(r, &key, &len))
            return false;
        if (take(r, '=') && !take_item(r, &item))
            return false;
    }
    return true;
}

/* RFC 8941 4.2.1.2, behind the parenthesis */
static bool skip_list(struct reader *r)
{
    struct item item;

    for (;;) {
        skip_blanks(r, false);
        if (take(r, ')'))
            return true;
        if (!take_item(r, &item) || !skip_params(r))
            return false;
        if (at_end(r) || (*r->at != ' ' && *r->at != ')'))
            return false;
    }
}

/* RFC 8941 4.2.2: of members with one name the last one counts, whatever it
 * is.  RFC 9218 4: those of an unexpected type or range are ignored. */
static bool read_member(struct reader *r, int *urgency, int *incremental)
{
    struct item item = {ITEM_BOOLEAN, true};
    const char *key;
    size_t len;

    if (!take_key(r, &key, &len))
        return false;
    if (take(r, '=')) {
        item.type = ITEM_OTHER;
        if (take(r, '(') ? !skip_list(r) : !take_item(r, &item))
            return false;
    }
    if (len == 1 && key[0] == 'u')
        *urgency = item.type == ITEM_INTEGER && item.value >= 0 &&
                           item.value < HC_URGENCY_COUNT
                       ? (int)item.value
                       : -1;
    if (len == 1 && key[0] == 'i')
        *incremental = item.type == ITEM_BOOLEAN ? (int)item.value : -1;
    return skip_params(r);
}

unsigned hc_message_priority(const char *value, size_t len, uint8_t *urgency,
                             bool *incremental)
{
    struct reader r = {value, value + len};
    int u = -1;
    int i = -1;

    skip_blanks(&r, false);
    while (!at_end(&r)) {
        if (!read_member(&r, &u, &i))
            return 0;
        skip_blanks(&r, true);
        if (at_end(&r))
            break;
        if (!take(&r, ','))
            return 0;
        skip_blanks(&r, true);
        if (at_end(&r))
            return 0; /* RFC 8941 4.2.2: a comma at the end */
    }
    if (u >= 0)
        *urgency = (uint8_t)u;
    if (i >= 0)
        *incremental = i;
    return (u >= 0 ? HC_PRIORITY_URGENCY : 0u) |
           (i >= 0 ? HC_PRIORITY_INCREMENTAL : 0u);
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
