/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_message.c - rules of messages.  Layer 3.
 */
#include "hc_message.h"

#include "hc_chars.h"
#include "hc_hpack_prepared.h"
#include "hc_hpack_static.h"

/* Pseudo-header fields as bits of one set. */
enum {
#define HC_PSEUDO(id, request, connect, extended, response) PSEUDO_NTH_##id,
#include "spec/pseudo.def"
#undef HC_PSEUDO
};
enum {
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    PSEUDO_##id = 1 << PSEUDO_NTH_##id,
#include "spec/pseudo.def"
#undef HC_PSEUDO
};

/* The sets that a kind of message must have, and may have. */
struct pseudo_rule {
    uint8_t must;
    uint8_t may;
};

#define NEED_MUST(bit) (bit)
#define NEED_MAY(bit)  0
#define NEED_NOT(bit)  0
#define CAN_MUST(bit)  (bit)
#define CAN_MAY(bit)   (bit)
#define CAN_NOT(bit)   0

static const struct pseudo_rule request_rule = {
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    NEED_##request(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0,
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    CAN_##request(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0};

static const struct pseudo_rule connect_rule = {
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    NEED_##connect(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0,
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    CAN_##connect(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0};

static const struct pseudo_rule extended_rule = {
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    NEED_##extended(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0,
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    CAN_##extended(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0};

static const struct pseudo_rule response_rule = {
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    NEED_##response(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0,
#define HC_PSEUDO(id, request, connect, extended, response)                    \
    CAN_##response(PSEUDO_##id) |
#include "spec/pseudo.def"
#undef HC_PSEUDO
    0};

/* Working state of one judgement. */
struct judge {
    struct hc_request *request;
    const struct h2core_field *method;
    const struct h2core_field *scheme;
    const struct h2core_field *authority;
    const struct h2core_field *protocol;
    const struct h2core_field *path;
    const struct h2core_field *host;
    const struct h2core_field *status;
    unsigned known; /* PSEUDO_... that the peers have heard of */
    unsigned seen;  /* PSEUDO_... */
    unsigned found; /* those whose value was judged when it was sent before */
    bool regular;   /* a regular field came */
};

/* Classes of octets. */
enum {
    CHAR_ALPHA = 0x1,
    CHAR_DIGIT = 0x2,
    CHAR_TOKEN = 0x4,   /* tchar of RFC 9110 5.6.2 that is neither */
    CHAR_SCHEME = 0x8,  /* "+", "-" and "." of RFC 3986 3.1 */
    CHAR_NO_URI = 0x10, /* controls, space, and "#": a target has no fragment */
    CHAR_NO_HOST = 0x20 /* delimiters of other parts of a URI */
};

#define NO_URI_16                                                              \
    0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,    \
        0x10, 0x10, 0x10, 0x10
#define ALPHA_13 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1

/* clang-format off */
static const uint8_t char_classes[256] = {
    NO_URI_16, NO_URI_16,
    0x10, 0x4, 0, 0x14, 0x4, 0x4, 0x4, 0x4,       /* space ! " # $ % & ' */
    0, 0, 0x4, 0xc, 0, 0xc, 0xc, 0x20,            /* ( ) * + , - . / */
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2,                 /* 0 to 9 */
    0, 0, 0, 0, 0, 0x20,                          /* : ; < = > ? */
    0x20, ALPHA_13, ALPHA_13,                     /* @, A to Z */
    0, 0x20, 0, 0x4, 0x4,                         /* [ \ ] ^ _ */
    0x4, ALPHA_13, ALPHA_13, 0, 0x4, 0, 0x4, 0x10 /* `, a to z, { | } ~ DEL */
};
/* clang-format on */

static unsigned char_class(char c)
{
    return char_classes[(unsigned char)c];
}

/* The classes that occur, or-ed. */
static unsigned classes_of(const struct h2core_field *field)
{
    unsigned all = 0;
    uint32_t i;

    for (i = 0; i < field->value_len; i++)
        all |= char_class(field->value[i]);
    return all;
}

/* Has every octet one of these classes? */
static bool is_made_of(const struct h2core_field *field, unsigned classes)
{
    uint32_t i;

    for (i = 0; i < field->value_len; i++) {
        if (!(char_class(field->value[i]) & classes))
            return false;
    }
    return field->value_len > 0;
}

static bool is_digit(unsigned char c)
{
    return (unsigned char)(c - '0') < 10;
}

static unsigned char fold_case(unsigned char c)
{
    return (unsigned char)(c - 'A') < 26 ? (unsigned char)(c | 0x20) : c;
}

static bool is_same_nocase(const char *a, const char *b, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (fold_case((unsigned char)a[i]) != fold_case((unsigned char)b[i]))
            return false;
    }
    return true;
}

static bool is_text(const struct h2core_field *field, const char *text,
                    size_t len)
{
    return field->value_len == len && !memcmp(field->value, text, len);
}

static bool is_method_value(const struct h2core_field *field)
{
    return is_made_of(field, CHAR_ALPHA | CHAR_DIGIT | CHAR_TOKEN);
}

/* RFC 3986 3.1 */
static bool is_scheme_value(const struct h2core_field *field)
{
    if (field->value_len >= 4 && hc_same(field->value, "http", 4) &&
        (field->value_len == 4 ||
         (field->value_len == 5 && field->value[4] == 's')))
        return true;
    return is_made_of(field, CHAR_ALPHA | CHAR_DIGIT | CHAR_SCHEME) &&
           char_class(field->value[0]) & CHAR_ALPHA;
}

/* Is it made of what a URI may hold, or a `host` in it? */
static HC_INLINE bool is_uri_value(const struct h2core_field *field, bool host)
{
    unsigned not = host ? CHAR_NO_URI | CHAR_NO_HOST : CHAR_NO_URI;

    /* By words it may be found worse than it is, and then looked at again. */
    return (field->value_len >= 8 &&
            hc_is_uri_text(field->value, field->value_len, host)) ||
           !(classes_of(field) & not);
}

/* No controls, spaces or delimiters of other parts of a URI, and no user
 * information (RFC 9113 8.3.1). */
static bool is_authority_value(const struct h2core_field *field)
{
    return field->value_len && is_uri_value(field, true);
}

static bool is_path_value(const struct h2core_field *field, bool options)
{
    if (!field->value_len)
        return false;
    /* RFC 9113 8.3.1 */
    if (field->value[0] != '/')
        return options && is_text(field, "*", 1);
    return is_uri_value(field, false);
}

/* H2CORE_METHOD_OTHER for all that are not listed. */
static uint8_t find_method(const struct h2core_field *field)
{
    static const struct {
        const char *name;
        uint8_t len;
        uint8_t method;
    } methods[] = {
        {"GET",     3, H2CORE_METHOD_GET    },
        {"HEAD",    4, H2CORE_METHOD_HEAD   },
        {"POST",    4, H2CORE_METHOD_POST   },
        {"PUT",     3, H2CORE_METHOD_PUT    },
        {"DELETE",  6, H2CORE_METHOD_DELETE },
        {"CONNECT", 7, H2CORE_METHOD_CONNECT},
        {"OPTIONS", 7, H2CORE_METHOD_OPTIONS},
    };
    size_t i;

    for (i = 0; i < HC_LEN(methods); i++) {
        if (field->value_len == methods[i].len &&
            hc_same(field->value, methods[i].name, methods[i].len))
            return methods[i].method;
    }
    return H2CORE_METHOD_OTHER;
}

#define CONTENT_LENGTH_DIGITS 18

static int judge_content_length(struct judge *judge,
                                const struct h2core_field *field)
{
    int64_t octets = 0;
    uint32_t i;

    for (i = 0; i < field->value_len; i++) {
        unsigned char c = (unsigned char)field->value[i];

        /* Of fewer digits no sum is too large. */
        if (!is_digit(c) || (i >= CONTENT_LENGTH_DIGITS &&
                             octets > (INT64_MAX - (c - '0')) / 10))
            return H2CORE_REASON_CONTENT_LENGTH_VALUE;
        octets = octets * 10 + (c - '0');
    }
    if (!field->value_len || (judge->request->content_length >= 0 &&
                              judge->request->content_length != octets))
        return H2CORE_REASON_CONTENT_LENGTH_VALUE;
    judge->request->content_length = octets;
    return 0;
}

/* RFC 9113 8.2.2: requests may have it, with one value. */
static int judge_te(const struct judge *judge,
                    const struct h2core_field *field)
{
    static const char only[] = "trailers";

    if (judge->known & PSEUDO_STATUS)
        return H2CORE_REASON_CONNECTION_FIELD;
    if (field->value_len == sizeof(only) - 1 &&
        is_same_nocase(field->value, only, sizeof(only) - 1))
        return 0;
    return H2CORE_REASON_TE_VALUE;
}

/* Is it specific to a connection of HTTP/1 (RFC 9113 8.2.2)? */
static bool is_connection_field(uint16_t token)
{
    return token == H2CORE_TOKEN_CONNECTION ||
           token == H2CORE_TOKEN_KEEP_ALIVE ||
           token == H2CORE_TOKEN_PROXY_CONNECTION ||
           token == H2CORE_TOKEN_TRANSFER_ENCODING ||
           token == H2CORE_TOKEN_UPGRADE;
}

static int judge_host(struct judge *judge, const struct h2core_field *field)
{
    if (judge->host &&
        (judge->host->value_len != field->value_len ||
         !is_same_nocase(judge->host->value, field->value, field->value_len)))
        return H2CORE_REASON_HOST_MISMATCH;
    judge->host = field;
    return 0;
}

static HC_INLINE int judge_regular(struct judge *judge,
                                   const struct h2core_field *field,
                                   uint16_t token)
{
    judge->regular = true;
    if (is_connection_field(token))
        return H2CORE_REASON_CONNECTION_FIELD;
    switch (token) {
    case H2CORE_TOKEN_TE:
        return judge_te(judge, field);
    case H2CORE_TOKEN_CONTENT_LENGTH:
        return judge_content_length(judge, field);
    case H2CORE_TOKEN_COOKIE:
        judge->request->cookie_count++;
        return 0;
    case H2CORE_TOKEN_HOST:
        return judge_host(judge, field);
    case H2CORE_TOKEN_PRIORITY:
        (void)hc_message_priority(field->value, field->value_len,
                            &judge->request->urgency,
                            &judge->request->incremental);
        judge->request->has_priority = true;
        return 0;
    default:
        return 0;
    }
}

static HC_INLINE int judge_pseudo(struct judge *judge,
                                  const struct h2core_field *field,
                                  uint16_t token)
{
    unsigned bit;

    switch (token) {
    case H2CORE_TOKEN_METHOD:
        bit = PSEUDO_METHOD;
        judge->method = field;
        break;
    case H2CORE_TOKEN_SCHEME:
        bit = PSEUDO_SCHEME;
        judge->scheme = field;
        break;
    case H2CORE_TOKEN_AUTHORITY:
        bit = PSEUDO_AUTHORITY;
        judge->authority = field;
        break;
    case H2CORE_TOKEN_PATH:
        bit = PSEUDO_PATH;
        judge->path = field;
        break;
    case H2CORE_TOKEN_PROTOCOL:
        bit = PSEUDO_PROTOCOL;
        judge->protocol = field;
        break;
    case H2CORE_TOKEN_STATUS:
        bit = PSEUDO_STATUS;
        judge->status = field;
        break;
    default:
        return H2CORE_REASON_PSEUDO_UNKNOWN;
    }
    if (!(judge->known & bit))
        return H2CORE_REASON_PSEUDO_UNKNOWN;
    /* RFC 9113 8.3 */
    if (judge->regular)
        return H2CORE_REASON_PSEUDO_LATE;
    if (judge->seen & bit)
        return H2CORE_REASON_PSEUDO_REPEATED;
    judge->seen |= bit;
    return 0;
}

static inline int judge_flags(const struct h2core_field *field)
{
    const unsigned bad = H2CORE_FIELD_BAD_NAME | H2CORE_FIELD_BAD_VALUE;

    if (hc_likely(!(field->flags & bad)))
        return 0;
    return field->flags & H2CORE_FIELD_BAD_NAME ? H2CORE_REASON_FIELD_NAME
                                                : H2CORE_REASON_FIELD_VALUE;
}

static bool is_pseudo(const struct h2core_field *field)
{
    return field->name_len && field->name[0] == ':';
}

/* Which pseudo-header fields came, against what the method wants. */
static int judge_set(struct judge *judge)
{
    const struct pseudo_rule *rule = &request_rule;

    if (!judge->method)
        return H2CORE_REASON_PSEUDO_MISSING;
    judge->request->method = find_method(judge->method);
    if (judge->request->method == H2CORE_METHOD_OTHER &&
        !is_method_value(judge->method))
        return H2CORE_REASON_PSEUDO_VALUE;
    judge->request->has_authority = judge->seen & PSEUDO_AUTHORITY;
    if (judge->seen & PSEUDO_PROTOCOL) {
        if (judge->request->method != H2CORE_METHOD_CONNECT)
            return H2CORE_REASON_PSEUDO_UNKNOWN;
        /* RFC 8441 4: an upgrade token, of the same octets. */
        if (!is_method_value(judge->protocol))
            return H2CORE_REASON_PSEUDO_VALUE;
        rule = &extended_rule;
        judge->request->is_extended = true;
    } else if (judge->request->method == H2CORE_METHOD_CONNECT) {
        rule = &connect_rule;
    }
    if (judge->seen & ~(unsigned)rule->may)
        return H2CORE_REASON_CONNECT_FIELDS; /* only CONNECT forbids some */
    if (rule->must & ~judge->seen)
        return H2CORE_REASON_PSEUDO_MISSING;
    return 0;
}

static int judge_values(const struct judge *judge)
{
    bool options = judge->request->method == H2CORE_METHOD_OPTIONS;

    if (judge->scheme && !(judge->found & PSEUDO_SCHEME) &&
        !is_scheme_value(judge->scheme))
        return H2CORE_REASON_PSEUDO_VALUE;
    /* "*" was good for another method. */
    if (judge->path &&
        !(judge->found & PSEUDO_PATH && judge->path->value_len > 1) &&
        !is_path_value(judge->path, options))
        return H2CORE_REASON_PSEUDO_VALUE;
    if (judge->authority && !(judge->found & PSEUDO_AUTHORITY) &&
        !is_authority_value(judge->authority))
        return H2CORE_REASON_PSEUDO_VALUE;
    /* RFC 9113 8.3.1 */
    if (judge->authority && judge->host &&
        (judge->authority->value_len != judge->host->value_len ||
         !is_same_nocase(judge->authority->value, judge->host->value,
                         judge->host->value_len)))
        return H2CORE_REASON_HOST_MISMATCH;
    return 0;
}

static HC_INLINE void begin_judge(struct judge *judge,
                                  struct hc_request *request, unsigned known)
{
    memset(judge, 0, sizeof(*judge));
    judge->request = request;
    judge->known = known;
    request->content_length = -1;
    request->cookie_count = 0;
    request->method = H2CORE_METHOD_OTHER;
    request->urgency = HC_URGENCY_DEFAULT;
    request->incremental = false;
    request->has_priority = false;
    request->has_authority = false;
    request->is_extended = false;
}

/* RFC 8441 4: :protocol is unknown to those who have not announced it. */
static unsigned known_in_requests(bool extended_connect)
{
    return extended_connect ? request_rule.may | extended_rule.may
                            : request_rule.may;
}

/* What all fields together make. */
static int judge_whole(struct judge *judge)
{
    int why = judge_set(judge);

    return why ? why : judge_values(judge);
}

/* The same as judge_pseudo() and judge_regular(), for those in no hurry. */
static HC_APART int judge_field(struct judge *judge,
                                const struct h2core_field *field,
                                uint16_t token)
{
    return is_pseudo(field) ? judge_pseudo(judge, field, token)
                            : judge_regular(judge, field, token);
}

/* Is it a regular field whose name no rule is about? */
static inline bool is_plain(const struct h2core_field *field)
{
    return !hc_token_is_ruled[field->token] &&
           (field->token || !is_pseudo(field));
}

/* All fields as received, one by one. */
static HC_INLINE int judge_fields(struct judge *judge,
                                  const struct h2core_field *fields,
                                  size_t count)
{
    const struct h2core_field *field = fields;
    int why;

    for (; count; count--, field++) { /* none: there is no array */
        why = judge_flags(field);
        if (why)
            return why;
        if (hc_likely(is_plain(field))) {
            judge->regular = true;
            continue;
        }
        why = is_pseudo(field) ? judge_pseudo(judge, field, field->token)
                               : judge_regular(judge, field, field->token);
        if (why)
            return why;
    }
    return 0;
}

int hc_message_request(const struct h2core_field *fields, size_t count,
                       bool extended_connect, struct hc_request *out_request)
{
    struct judge judge;
    int why;

    begin_judge(&judge, out_request, known_in_requests(extended_connect));
    why = judge_fields(&judge, fields, count);
    return why ? why : judge_whole(&judge);
}

/* RFC 9113 8.3.2 */
static HC_INLINE bool read_status_value(const struct h2core_field *field,
                                        uint16_t *out_status)
{
    const char *v = field->value;

    if (field->value_len != 3 || !is_digit((unsigned char)v[0]) ||
        !is_digit((unsigned char)v[1]) || !is_digit((unsigned char)v[2]) ||
        v[0] == '0')
        return false;
    *out_status =
        (uint16_t)((v[0] - '0') * 100 + (v[1] - '0') * 10 + (v[2] - '0'));
    return true;
}

int hc_message_response(const struct h2core_field *fields, size_t count,
                        struct hc_response *out_response)
{
    struct hc_request scratch;
    struct judge judge;
    int why;

    begin_judge(&judge, &scratch, response_rule.may);
    why = judge_fields(&judge, fields, count);
    if (why)
        return why;
    if (response_rule.must & ~judge.seen)
        return H2CORE_REASON_PSEUDO_MISSING;
    /* RFC 9113 8.6: there is no 101. */
    if (!read_status_value(judge.status, &out_response->status) ||
        out_response->status == 101)
        return H2CORE_REASON_PSEUDO_VALUE;
    out_response->content_length = scratch.content_length;
    return 0;
}

bool hc_message_is_pushable(const struct hc_request *request)
{
    return (request->method == H2CORE_METHOD_GET ||
            request->method == H2CORE_METHOD_HEAD) &&
           request->content_length <= 0 && request->has_authority;
}

int hc_message_trailers(const struct h2core_field *fields, size_t count)
{
    size_t i;
    int why;

    for (i = 0; i < count; i++) {
        why = judge_flags(&fields[i]);
        if (why)
            return why;
        /* RFC 9113 8.1 */
        if (is_pseudo(&fields[i]))
            return H2CORE_REASON_PSEUDO_IN_TRAILERS;
        /* RFC 9113 8.2.2: TE may be in a request's head alone. */
        if (is_connection_field(fields[i].token) ||
            fields[i].token == H2CORE_TOKEN_TE)
            return H2CORE_REASON_CONNECTION_FIELD;
    }
    return 0;
}

/* RFC 9113 8.2.1 */
static HC_INLINE bool is_value(const char *value, size_t len)
{
    uint64_t word;
    size_t i;

    if (len < sizeof(word))
        return !(hc_chars_value(value, len) & HC_CHAR_BAD_VALUE);
    for (i = 0; i < len; i += sizeof(word)) {
        if (i > len - sizeof(word))
            i = len - sizeof(word); /* the last word overlaps */
        word = hc_load_8(value + i);
        if (hc_octets_below(word, 0x0e)) /* NUL, LF and CR are */
            return !(hc_chars_value(value, len) & HC_CHAR_BAD_VALUE);
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A regular field that we are to send. */
static HC_INLINE bool is_sendable(const struct h2core_field *field,
                                  uint16_t token)
{
    if (field->token >= H2CORE_TOKEN_COUNT ||
        (field->token && field->token != token) || is_pseudo(field))
        return false;
    /* RFC 9113 8.2.1 */
    if (!token &&
        (!field->name_len || hc_chars_name(field->name, field->name_len)))
        return false;
    if (is_connection_field(token))
        return false;
    /* RFC 9113 8.2.1 */
    if (!field->value_len)
        return true;
    if (is_blank(field->value[0]) ||
        is_blank(field->value[field->value_len - 1]))
        return false;
    return is_value(field->value, field->value_len);
}

static bool read_status(const struct h2core_field *field, unsigned *out_status)
{
    uint16_t status;

    if (field->name_len != 7 || (field->token
                                     ? field->token != H2CORE_TOKEN_STATUS
                                     : memcmp(field->name, ":status", 7) != 0))
        return false;
    if (!read_status_value(field, &status))
        return false;
    *out_status = status;
    return true;
}

static inline size_t looked_for(const struct hc_hpack_looks *looks)
{
    return looks ? looks->count : 0;
}

/* Regular fields from number `first` on, all of them.  One that was found has
 * been sent before: its characters were judged then, and not where it stood. */
static bool are_sendable(const struct h2core_field *fields, size_t count,
                         size_t first, const struct hc_hpack_looks *looks)
{
    uint32_t odd = hc_hpack_odd_ones(looks, first);
    size_t i;

    for (; odd; odd &= odd - 1) {
        i = (size_t)__builtin_ctz(odd);
        if (looks->index[i] ? is_pseudo(&fields[i])
                            : !is_sendable(&fields[i], looks->token[i]))
            return false;
    }
    i = looked_for(looks);
    for (i = i < first ? first : i; i < count; i++) {
        if (!is_sendable(&fields[i], hc_hpack_token(&fields[i])))
            return false;
    }
    return true;
}

bool hc_message_can_send(const struct h2core_field *fields, size_t count,
                         const struct hc_hpack_looks *looks, unsigned flags,
                         unsigned *out_status)
{
    if (flags & H2CORE_TRAILERS)
        return are_sendable(fields, count, 0, looks);
    if (!count || !read_status(&fields[0], out_status))
        return false;
    /* RFC 9113 8.1 on interim heads; 8.6: there is no 101. */
    if (flags & H2CORE_INFO ? *out_status >= 200 || *out_status == 101
                            : *out_status < 200)
        return false;
    return are_sendable(fields, count, 1, looks);
}

/* A field of a request that we are to send. */
static bool is_request_field(struct judge *judge,
                             const struct h2core_field *field, uint16_t token,
                             bool found)
{
    unsigned seen = judge->seen;

    if (!found && !(is_pseudo(field) ? is_value(field->value, field->value_len)
                                     : is_sendable(field, token)))
        return false;
    if (judge_field(judge, field, token))
        return false;
    if (found)
        judge->found |= judge->seen ^ seen;
    return true;
}

/* The fields of a list, one by one. */
static bool are_request_fields(struct judge *judge,
                               const struct h2core_field *fields, size_t count,
                               const struct hc_hpack_looks *looks)
{
    uint32_t odd = hc_hpack_odd_ones(looks, 0);
    size_t done = 0, i;

    for (; odd; odd &= odd - 1, done = i + 1) {
        i = (size_t)__builtin_ctz(odd);
        judge->regular |= i != done; /* what lies between is regular */
        if (!is_request_field(judge, &fields[i], looks->token[i],
                              looks->index[i]))
            return false;
    }
    i = looked_for(looks);
    judge->regular |= i != done;
    for (; i < count; i++) {
        if (!is_request_field(judge, &fields[i], hc_hpack_token(&fields[i]),
                              false))
            return false;
    }
    return true;
}

bool hc_message_can_request(const struct h2core_field *fields, size_t count,
                            const struct hc_hpack_looks *looks,
                            struct hc_request *out_request)
{
    struct judge judge;

    begin_judge(&judge, out_request, known_in_requests(true));
    return are_request_fields(&judge, fields, count, looks) &&
           !judge_whole(&judge);
}

bool hc_message_can_follow(const struct h2core_prepared *prepared,
                           const struct h2core_field *fields, size_t count,
                           const struct hc_hpack_looks *looks,
                           struct hc_request *out_request)
{
    struct judge judge;
    uint32_t i;

    begin_judge(&judge, out_request, known_in_requests(true));
    for (i = 0; i < prepared->count; i++) {
        const struct h2core_field *field = &prepared->fields[i].field;

        if (judge_field(&judge, field, field->token))
            return false;
    }
    judge.found = judge.seen;
    judge.regular = true;
    return are_request_fields(&judge, fields, count, looks) &&
           !judge_whole(&judge);
}
