/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_message.h - what makes a field section a legal message (RFC 9113 8):
 * pseudo-header fields, connection-specific fields, Content-Length.  It
 * knows no frames and no streams.  That names and values hold legal
 * characters was found out at decode and stands in the fields' flags.
 * Layer 3.
 */
#ifndef HC_MESSAGE_H
#define HC_MESSAGE_H

#include "hc_err.h"
#include "hc_hpack_look.h"

#include <h2core/h2core.h>

#define HC_URGENCY_DEFAULT 3 /* RFC 9218 4.1 */
#define HC_URGENCY_COUNT   8

/* What a request's head says. */
struct hc_request {
    int64_t content_length; /* octets; -1: not given */
    uint32_t cookie_count;  /* crumbs */
    uint8_t method;         /* enum h2core_method */
    uint8_t urgency;
    bool incremental;
    bool has_priority; /* the field was there */
    bool has_authority;
    bool is_extended; /* a CONNECT with :protocol, RFC 8441 */
};

/* What a response's head says, be it interim or final. */
struct hc_response {
    int64_t content_length; /* octets; -1: not given */
    uint16_t status;        /* 100 to 999 */
};

/*
 * Judge a request's head.  `extended_connect` tells whether we announced
 * SETTINGS_ENABLE_CONNECT_PROTOCOL.  Answers 0 with *out_request, or an enum
 * h2core_reason: the request is malformed (RFC 9113 8.1.1).
 */
HC_MUST_USE int hc_message_request(const struct h2core_field *fields,
                                   size_t count, bool extended_connect,
                                   struct hc_request *out_request);

/* The same of a response's head (RFC 9113 8.3.2). */
HC_MUST_USE int hc_message_response(const struct h2core_field *fields,
                                    size_t count,
                                    struct hc_response *out_response);

/* May a server promise this request (RFC 9113 8.4): safe, cacheable,
 * without content and with an :authority?  Whether that is the server's is not
 * known here. */
bool hc_message_is_pushable(const struct hc_request *request);

/* Judge trailers.  Answers 0 or an enum h2core_reason. */
HC_MUST_USE int hc_message_trailers(const struct h2core_field *fields,
                                    size_t count);

/*
 * Judge the fields that we are to send: a final head, an interim one
 * (H2CORE_INFO) or trailers (H2CORE_TRAILERS); other flags do not matter.
 * *out_status is a head's :status; for trailers it may be NULL.  Answers false
 * for what RFC 9113 forbids: no :status first or one of another kind of head,
 * a pseudo-header field behind it, illegal characters, connection-specific
 * fields.  Tokens may be missing and nothing of the fields is trusted, but
 * those that were looked for (`looks` NULL: none) and found in a table of an
 * encoder that has got nothing but what was judged here before.
 */
HC_MUST_USE bool hc_message_can_send(const struct h2core_field *fields,
                                     size_t count,
                                     const struct hc_hpack_looks *looks,
                                     unsigned flags, unsigned *out_status);

/* Is that a request that we may send, be it an extended CONNECT?  Fields and
 * `looks` as above. */
HC_MUST_USE bool hc_message_can_request(const struct h2core_field *fields,
                                        size_t count,
                                        const struct hc_hpack_looks *looks,
                                        struct hc_request *out_request);

/* The same of regular fields behind a prepared request. */
HC_MUST_USE bool hc_message_can_follow(const struct h2core_prepared *prepared,
                                       const struct h2core_field *fields,
                                       size_t count,
                                       const struct hc_hpack_looks *looks,
                                       struct hc_request *out_request);

/* What a priority's value says. */
#define HC_PRIORITY_URGENCY 1u
#define HC_PRIORITY_INCREMENTAL 2u

/*
 * Read the value of a Priority field or PRIORITY_UPDATE (RFC 9218 4), a
 * dictionary as RFC 8941 3.2 has it: u and i, all else is ignored.  A value
 * that does not parse changes nothing.  The answer tells which of the two it
 * has, were they the same as before.
 */
unsigned hc_message_priority(const char *value, size_t len, uint8_t *urgency,
                             bool *incremental);

/* The urgency that stands for a weight of 1 to 256 (RFC 7540 5.3.2). */
uint8_t hc_message_weight_urgency(uint16_t weight);

#endif /* HC_MESSAGE_H */
