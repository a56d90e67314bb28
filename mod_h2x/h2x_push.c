/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_push.c - server push.
 *
 * A promise is a GET or HEAD that we write ourselves, with the client's fields
 * that choose between representations, and without cookies and credentials, as
 * mod_http2 does.  What was pushed pushes nothing, so there are no loops.
 */
#include "h2x_push.h"

#include "h2x_config.h"
#include "h2x_diary.h"
#include "h2x_link.h"
#include "h2x_request.h"
#include "h2x_stream.h"

/* Links of one head that are looked at, and of a request that are pushed. */
#define LINKS_MAX 256
#define PROMISES_MAX 100
/* Pseudo-header fields, and those of the client's that are repeated. */
#define FIELDS_MAX 16

/* ---- may it? --------------------------------------------------------- */

/* Accept-Push-Policy, if it says something. */
static enum h2x_push_kind by_policy(const request_rec *r)
{
    const char *policy = apr_table_get(r->headers_in, "Accept-Push-Policy");

    if (policy && !ap_cstr_casecmp(policy, "none"))
        return H2X_PUSH_NONE;
    if (policy && !ap_cstr_casecmp(policy, "head"))
        return H2X_PUSH_HEADS;
    return H2X_PUSH_WHOLE;
}

/* Who reads a page needs what belongs to it: it was asked for by GET, wherever
 * it was redirected to within the server. */
static bool is_get(const request_rec *r)
{
    while (r->prev)
        r = r->prev;
    return r->method_number == M_GET && !r->header_only;
}

enum h2x_push_kind h2x_push_allowed(const struct h2x_stream *stream,
                                    const request_rec *r)
{
    if (stream->pushed_on || !stream->takes_pushes || !h2x_config_dir_push(r) ||
        !is_get(r))
        return H2X_PUSH_NONE;
    return by_policy(r);
}

/* ---- the promised request -------------------------------------------- */

static void set_field(struct h2core_field *field, const char *name,
                      const char *value)
{
    memset(field, 0, sizeof(*field));
    field->name = name;
    field->name_len = (uint32_t)strlen(name);
    field->value = value;
    field->value_len = (uint32_t)strlen(value);
}

/* Where a request went to; false if there is no such place, as for CONNECT. */
static bool take_origin(const struct h2x_stream *stream,
                        struct h2x_pseudo *origin)
{
    size_t i = h2x_request_pseudo(stream, origin);

    for (; i < stream->field_count && !origin->authority; i++) {
        if (!strcmp(stream->fields[i].name, "host"))
            origin->authority = stream->fields[i].value;
    }
    return origin->scheme && origin->authority && origin->path;
}

/* What servers choose a representation by, and the client's name. */
static bool is_repeated(const struct h2core_field *field)
{
    static const char *const names[] = {
        "accept", "accept-encoding", "accept-language", "cache-control",
        "user-agent"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcmp(field->name, names[i]))
            return true;
    }
    return false;
}

static size_t make_fields(const struct h2x_stream *stream,
                          const struct h2x_pseudo *origin, const char *path,
                          struct h2core_field fields[FIELDS_MAX])
{
    size_t count = 4;
    size_t i;

    set_field(&fields[0], ":method",
              stream->pushes == H2X_PUSH_HEADS ? "HEAD" : "GET");
    set_field(&fields[1], ":scheme", origin->scheme);
    set_field(&fields[2], ":authority", origin->authority);
    set_field(&fields[3], ":path", path);
    for (i = 0; i < stream->field_count && count < FIELDS_MAX; i++) {
        if (is_repeated(&stream->fields[i]))
            fields[count++] = stream->fields[i];
    }
    return count;
}

/* ---- order ----------------------------------------------------------- */

/* H2PushPriority speaks of weights, RFC 9218 of urgencies: what is sent
 * Before is one more urgent, what After one to three less. */
static uint8_t urgency_of(unsigned urgency, struct h2x_push_order how)
{
    switch (how.order) {
    case H2X_ORDER_BEFORE:
        return (uint8_t)(urgency ? urgency - 1 : 0);
    case H2X_ORDER_INTERLEAVED:
        return (uint8_t)urgency;
    case H2X_ORDER_AFTER:
        break;
    }
    urgency += how.weight > 128 ? 1 : how.weight >= 16 ? 2 : 3;
    return (uint8_t)(urgency < 7 ? urgency : 7);
}

/* When its content type is known, or NULL when it is not. */
static void rank(struct h2x_stream *stream, const char *content_type)
{
    struct h2x_push_order how = {"*", H2X_ORDER_BEFORE, 0};

    if (!stream->critical)
        how = h2x_lists_order(h2x_config_lists(stream->conn->server),
                              content_type);
    stream->urgency = urgency_of(stream->parent_urgency, how);
    (void)h2core_session_priority(stream->conn->session, stream->id,
                                  stream->urgency,
                                  how.order == H2X_ORDER_INTERLEAVED);
}

static void rank_by_head(struct h2x_stream *stream,
                         const struct h2core_field *fields, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (fields[i].name_len == 12 &&
            !memcmp(fields[i].name, "content-type", 12))
            rank(stream, fields[i].value);
    }
}

/* ---- promising ------------------------------------------------------- */

static uint64_t hash_of(const struct h2core_field pseudo[4])
{
    uint64_t hash = 0;
    size_t i;

    for (i = 0; i < 4; i++)
        hash = h2x_diary_hash(hash, pseudo[i].value);
    return hash;
}

/* The promised request, as one that came. */
static void begin(struct h2x_stream *parent, uint32_t id,
                  const struct h2core_field *fields, size_t count,
                  bool critical)
{
    struct h2x_conn *conn = parent->conn;
    struct h2core_event head;
    struct h2x_stream *stream;

    memset(&head, 0, sizeof(head));
    head.type = H2CORE_EVENT_HEAD;
    head.stream_id = id;
    head.end_stream = true;
    head.u.head.fields = fields;
    head.u.head.count = count;
    head.u.head.content_length = -1;
    head.u.head.method = parent->pushes == H2X_PUSH_HEADS ? H2CORE_METHOD_HEAD
                                                        : H2CORE_METHOD_GET;
    stream = h2x_stream_create(conn, &head);
    if (!stream) {
        (void)h2core_session_reset(conn->session, id, H2CORE_INTERNAL_ERROR);
        return;
    }
    stream->pushed_on = parent->id;
    stream->parent_urgency = parent->urgency;
    stream->critical = critical;
    conn->pushes_open++;
    conn->requests++;
    (void)h2core_session_set_user(conn->session, id, stream);
    h2x_queue_remove(&conn->queue, stream);
    rank(stream, NULL);
    h2x_queue_insert(&conn->queue, stream);
    ap_log_cerror(APLOG_MARK, APLOG_DEBUG, 0, conn->c1, H2XLOG(1401)
                  "stream %u: %s is pushed on stream %u", parent->id,
                  fields[3].value, id);
}

/* Pushes that may be open at a time: as many as the client takes, and as it
 * may have of its own. */
static uint32_t open_max(const struct h2x_conn *conn)
{
    uint32_t theirs = h2core_session_peer_settings(conn->session)
                          ->max_concurrent_streams;
    apr_int64_t ours = h2x_config_max_session_streams(conn->server);

    return theirs < ours ? theirs : (uint32_t)ours;
}

static void promise(struct h2x_stream *stream, const struct h2x_pseudo *origin,
                    const char *path, bool critical)
{
    struct h2x_conn *conn = stream->conn;
    struct h2core_field fields[FIELDS_MAX];
    size_t count = make_fields(stream, origin, path, fields);
    uint64_t hash = hash_of(fields);
    int id;

    if (!strcmp(path, origin->path) || h2x_diary_has(conn->diary, hash) ||
        conn->pushes_open >= open_max(conn))
        return;
    id = h2core_session_push(conn->session, stream->id, fields, count, NULL);
    if (id > 0) {
        stream->promises++;
        h2x_diary_note(&conn->diary,
                       (uint32_t)h2x_config_push_diary_size(conn->server),
                       hash);
        begin(stream, (uint32_t)id, fields, count, critical);
    } else if (id == H2CORE_E_STATE) { /* it takes none any more */
        stream->pushes = H2X_PUSH_NONE;
    }
}

static void push_one(struct h2x_stream *stream, const struct h2x_pseudo *origin,
                     const struct h2x_link *link)
{
    char *path = malloc(H2X_LINK_ROOM(strlen(origin->path), link->len));

    if (path && h2x_link_resolve(link, origin->scheme, origin->authority,
                                 origin->path, path))
        promise(stream, origin, path, link->critical);
    free(path);
}

/* Answers of errors have nothing to go with them, and who has a page in its
 * cache has what belongs to it. */
static bool is_good(const struct h2core_field *fields, size_t count)
{
    return count && !strcmp(fields[0].name, ":status") &&
           fields[0].value[0] < '4' && strcmp(fields[0].value, "304");
}

void h2x_push_links(struct h2x_stream *stream,
                    const struct h2core_field *fields, size_t count,
                    enum h2x_push_kind kind)
{
    struct h2x_pseudo origin;
    struct h2x_link link;
    unsigned seen = 0;
    const char *at;
    size_t i;

    stream->pushes = (uint8_t)kind;
    if (stream->pushed_on)
        rank_by_head(stream, fields, count);
    if (stream->pushes == H2X_PUSH_NONE || stream->reset ||
        !is_good(fields, count) || !take_origin(stream, &origin))
        return;
    for (i = 1; i < count; i++) {
        if (fields[i].name_len != 4 || memcmp(fields[i].name, "link", 4))
            continue;
        at = fields[i].value;
        while (stream->pushes != H2X_PUSH_NONE && seen++ < LINKS_MAX &&
               stream->promises < PROMISES_MAX && h2x_link_next(&at, &link)) {
            if (link.preload && !link.no_push)
                push_one(stream, &origin, &link);
        }
    }
}
