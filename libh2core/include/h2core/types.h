/* SPDX-License-Identifier: Apache-2.0
 *
 * types.h - types, codes and tables that all of libh2core's interfaces
 * share.  No function here allocates; all of them may be called from any
 * thread.
 */
#ifndef H2CORE_TYPES_H
#define H2CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define H2CORE_API __attribute__((visibility("default")))
#define H2CORE_MUST_USE __attribute__((warn_unused_result))
#else
#define H2CORE_API
#define H2CORE_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Error codes as they travel in RST_STREAM and GOAWAY (RFC 9113 7). */
enum h2core_error {
#define H2CORE_ERROR(name, code, text) H2CORE_##name = code,
#include <h2core/tables/errors.def>
#undef H2CORE_ERROR
};

/* Identifiers of settings (RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1). */
enum h2core_setting {
#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    H2CORE_SETTINGS_##name = id,
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
};

/* Frame types (RFC 9113 6, RFC 7838 4, RFC 8336 2, RFC 9218 7.1). */
enum h2core_frame_type {
#define H2CORE_FRAME(name, type, flags, rule, least, most, flow, fault, rfc)   \
    H2CORE_FRAME_##name = type,
#include <h2core/tables/frames.def>
#undef H2CORE_FRAME
};

/* Frame flags (RFC 9113 6). */
enum {
    H2CORE_FLAG_END_STREAM = 0x01,
    H2CORE_FLAG_ACK = 0x01,
    H2CORE_FLAG_END_HEADERS = 0x04,
    H2CORE_FLAG_PADDED = 0x08,
    H2CORE_FLAG_PRIORITY = 0x20
};

/*
 * Why a stream or a connection ended in error.  Finer than the code on the
 * wire, and stable: the numbers may be logged and counted.
 */
enum h2core_reason {
#define H2CORE_REASON(name, number, error, rfc, text)                          \
    H2CORE_REASON_##name = number,
#include <h2core/tables/reasons.def>
#undef H2CORE_REASON
};

/* What a call answers a caller that made a mistake; nothing has changed. */
enum h2core_result {
    H2CORE_OK = 0,
    H2CORE_E_INVALID = -1, /* an argument makes no sense */
    H2CORE_E_STATE = -2,   /* not legal now, see the call's text */
    H2CORE_E_AGAIN = -3,   /* not now, later: the WINDOW event tells */
    H2CORE_E_NOMEM = -4,   /* no memory */
    H2CORE_E_CLOSED = -5,  /* the stream or the session has ended */
    H2CORE_E_LIMIT = -6    /* a limit of the peer's or of ours forbids it */
};

/* Name of an error code, "PROTOCOL_ERROR" say; NULL if it is unknown. */
H2CORE_API const char *h2core_error_name(uint32_t code);
/* Text of an error code for people; never NULL. */
H2CORE_API const char *h2core_error_text(uint32_t code);
/* Name of a reason, "WINDOW_OVERFLOW" say; never NULL. */
H2CORE_API const char *h2core_reason_name(int reason);
/* Text of a reason for logs; never NULL. */
H2CORE_API const char *h2core_reason_text(int reason);
/* Where the rule stands, "9113 6.9.1" say, or ""; never NULL. */
H2CORE_API const char *h2core_reason_rfc(int reason);
/* The error code that a reason has on the wire. */
H2CORE_API uint32_t h2core_reason_error(int reason);
/* Text of a result (H2CORE_E_...); never NULL. */
H2CORE_API const char *h2core_result_text(int result);
/* Version of the library that the program runs with, "1.2.3" say; that of the
 * headers it was compiled with is H2CORE_VERSION.  Constant, never freed. */
H2CORE_API const char *h2core_version(void);

/* Names of fields the library knows by number; 0 is any other name. */
enum h2core_token {
    H2CORE_TOKEN_NONE = 0,
#define H2CORE_TOKEN(id, name) H2CORE_TOKEN_##id,
#include <h2core/tables/tokens.def>
#undef H2CORE_TOKEN
    H2CORE_TOKEN_COUNT
};

/* Bits of h2core_field.flags. */
enum {
    /* RFC 7541 7.1.3: never put into a table, by us nor by any hop. */
    H2CORE_FIELD_NEVER_INDEX = 0x01,
    /* Encode without putting it into the dynamic table. */
    H2CORE_FIELD_NO_INDEX = 0x02,
    /* Encode name and value by the Huffman code even if that is longer, or
     * never; without either flag if it is shorter. */
    H2CORE_FIELD_HUFFMAN = 0x04,
    H2CORE_FIELD_NO_HUFFMAN = 0x08,
    /* Set by the decoder: the name breaks RFC 9113 8.2.1. */
    H2CORE_FIELD_BAD_NAME = 0x10,
    /* Set by the decoder: the value breaks RFC 9113 8.2.1. */
    H2CORE_FIELD_BAD_VALUE = 0x20
};

/*
 * One field.  Given by the library, name and value are also
 * NUL-terminated (the value's octets can hold no NUL unless BAD_VALUE is
 * set) and live as long as the event or call that gave them says.  Given to
 * the library, they are read during the call only and need no NUL; the name
 * is in lower case; token is 0, or what h2core_token_find() says of the name,
 * which then need not be looked at: a token of a name with another length is
 * refused as E_INVALID, one of the same length is what is sent.
 */
struct h2core_field {
    const char *name;
    const char *value;
    uint32_t name_len;
    uint32_t value_len;
    uint16_t token; /* enum h2core_token */
    uint8_t flags;  /* H2CORE_FIELD_... */
    uint8_t reserved;
};

/* Number (enum h2core_token) of a field name in lower case, 0 if none. */
H2CORE_API uint16_t h2core_token_find(const char *name, size_t len);
/* Name of a token, NUL-terminated; NULL for H2CORE_TOKEN_NONE. */
H2CORE_API const char *h2core_token_name(uint16_t token);

/*
 * Memory for the library.  alloc and resize answer NULL when there is none;
 * resize(user, NULL, n) allocates; release(user, NULL) does nothing.  Blocks
 * are aligned as malloc's are.  The functions are called on the thread that
 * called the library and must not call it back.  A pointer to a struct of
 * this type must stay valid as long as what was created with it; NULL stands
 * for malloc, realloc and free.
 */
struct h2core_memory {
    void *(*alloc)(void *user, size_t size);
    void *(*resize)(void *user, void *block, size_t size);
    void (*release)(void *user, void *block);
    void *user;
};

/* A field list that is sent often, see hpack.h. */
typedef struct h2core_prepared h2core_prepared;

/* Bounds on what a peer may cause; see tables/limits.def for each. */
struct h2core_limits {
#define H2CORE_LIMIT(member, initial, least, most, unit, reason, text)         \
    uint32_t member;
#include <h2core/tables/limits.def>
#undef H2CORE_LIMIT
};

/*
 * What h2core_session_stats() tells; see tables/stats.def for each.  -1: not
 * known.  It grows at its end.
 */
struct h2core_stats {
#define H2CORE_STAT(member, unit, text) int64_t member;
#include <h2core/tables/stats.def>
#undef H2CORE_STAT
};

/* A full set of settings of one side. */
struct h2core_settings {
#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    uint32_t member;
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
};

#ifdef __cplusplus
}
#endif
#endif /* H2CORE_TYPES_H */
