/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_err.c - the tables of error codes and reasons.  Layer 1.
 */
#include "hc_err.h"

struct reason_row {
    uint16_t number;
    uint8_t code;
    const char *name;
    const char *rfc;
    const char *text;
};

static const struct reason_row reasons[] = {
#define H2CORE_REASON(name, number, error, rfc, text)                          \
    {number, H2CORE_##error, #name, rfc, text},
#include <h2core/tables/reasons.def>
#undef H2CORE_REASON
};

static const struct reason_row *find_reason(int reason)
{
    size_t i;

    for (i = 0; i < HC_LEN(reasons); i++) {
        if (reasons[i].number == reason)
            return &reasons[i];
    }
    return NULL;
}

const char *h2core_reason_name(int reason)
{
    const struct reason_row *row = find_reason(reason);

    return row ? row->name : "UNKNOWN";
}

const char *h2core_reason_text(int reason)
{
    const struct reason_row *row = find_reason(reason);

    return row ? row->text : "unknown reason";
}

const char *h2core_reason_rfc(int reason)
{
    const struct reason_row *row = find_reason(reason);

    return row ? row->rfc : "";
}

uint32_t h2core_reason_error(int reason)
{
    const struct reason_row *row = find_reason(reason);

    return row ? row->code : H2CORE_INTERNAL_ERROR;
}

const char *h2core_error_name(uint32_t code)
{
    switch (code) {
#define H2CORE_ERROR(name, code, text)                                         \
    case code:                                                                 \
        return #name;
#include <h2core/tables/errors.def>
#undef H2CORE_ERROR
    }
    return NULL;
}

const char *h2core_error_text(uint32_t code)
{
    switch (code) {
#define H2CORE_ERROR(name, code, text)                                         \
    case code:                                                                 \
        return text;
#include <h2core/tables/errors.def>
#undef H2CORE_ERROR
    }
    return "unknown error code";
}

const char *h2core_result_text(int result)
{
    switch (result) {
    case H2CORE_OK:
        return "success";
    case H2CORE_E_INVALID:
        return "invalid argument";
    case H2CORE_E_STATE:
        return "not possible in this state";
    case H2CORE_E_AGAIN:
        return "not possible yet";
    case H2CORE_E_NOMEM:
        return "out of memory";
    case H2CORE_E_CLOSED:
        return "stream or session has ended";
    case H2CORE_E_LIMIT:
        return "a limit of the peer or of the configuration forbids it";
    }
    return "unknown result";
}

struct hc_err hc_fail(enum hc_scope scope, enum h2core_reason reason)
{
    return (struct hc_err){(uint8_t)scope,
                           (uint8_t)h2core_reason_error((int)reason),
                           (uint16_t)reason};
}

struct hc_err hc_fail_as(enum hc_scope scope, enum h2core_reason reason,
                         enum h2core_error code)
{
    return (struct hc_err){(uint8_t)scope, (uint8_t)code, (uint16_t)reason};
}
