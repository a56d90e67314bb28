/* SPDX-License-Identifier: Apache-2.0
 *
 * session_codec.c - the work that bench/run session counts instructions of:
 * one end of a connection, on our library or on libnghttp2, in memory.  The far
 * end is always libnghttp2's.
 *
 *   session_codec WORK ours|peer|peer-copy REQUESTS [count]
 *
 * callgrind counts inside functions called timed_...; the far end is not among
 * it.  Prints what both ends were told, to be compared; with "count" also what
 * the library allocated by its hooks.
 */
#include "session_codec.h"

#include <malloc.h>
#include <string.h>

#define BATCH       16
#define BODY_OCTETS 102400
#define PIPE_OCTETS (4 << 20)
#define TEXT_OCTETS 64

/* What is special about a work. */
enum {
    CLIENT = 0x1,  /* that end is measured */
    CURL = 0x2,    /* its fields, the same each time */
    PREPARED = 0x4 /* ours: the response, but for its last field */
};

struct kind {
    const char *name;
    const char *method;
    unsigned flags;
    size_t batch; /* requests at once */
    size_t upload_len;
    size_t response_len; /* 0: 204 */
};

static const struct kind kinds[] = {
    {"get-204",         "GET",  0,        BATCH,          0,     0          },
    {"get-1k",          "GET",  0,        BATCH,          0,     1024       },
    {"get-100k",        "GET",  0,        BATCH,          0,     BODY_OCTETS},
    {"post-64k",        "POST", 0,        BATCH,          65536, 1024       },
    {"client-1k",       "GET",  CLIENT,   BATCH,          0,     1024       },
    {"many-streams",    "GET",  0,        SERVER_STREAMS, 0,     1024       },
    {"get-1k-prepared", "GET",  PREPARED, BATCH,          0,     1024       },
    {"curl",            "GET",  CURL,     1,              0,     1024       }
};

/* The texts that differ between variants. */
struct texts {
    char path[VARIANTS][TEXT_OCTETS];
    char etag[VARIANTS][TEXT_OCTETS];
    char upload[TEXT_OCTETS];
    char response[TEXT_OCTETS];
};

static uint8_t body[BODY_OCTETS];
static struct texts texts;

void pipe_put(struct pipe *pipe, const void *octets, size_t len)
{
    check(len <= pipe->room - pipe->len, "room in the socket's buffer");
    memcpy(pipe->octets + pipe->len, octets, len);
    pipe->len += len;
}

void take_body(struct end *end, uint32_t stream_id, const uint8_t *octets,
               size_t len)
{
    struct slot *slot = find_slot(end, stream_id);
    const uint8_t *expected = body + slot->received;

    if (!len)
        return;
    check(len <= BODY_OCTETS - slot->received && octets[0] == expected[0] &&
              octets[len - 1] == expected[len - 1],
          "a body");
    if (!end->measured)
        check(memcmp(octets, expected, len) == 0, "the octets of a body");
    slot->received += len;
    end->seen.octets += len;
}

void see_field(struct seen *seen, uint32_t stream_id, const char *name,
               size_t name_len, const char *value, size_t value_len)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < name_len; i++)
        sum = sum * 31 + (unsigned char)name[i];
    for (sum = sum * 31 + ':', i = 0; i < value_len; i++)
        sum = sum * 31 + (unsigned char)value[i];
    seen->fields++;
    seen->sum += sum * stream_id;
}

void *counted_alloc(void *taken, size_t size)
{
    return counted_resize(taken, NULL, size);
}

void *counted_resize(void *taken, void *block, size_t size)
{
    struct taken *all = taken;

    all->calls++;
    all->octets -= malloc_usable_size(block);
    block = realloc(block, size ? size : 1);
    check(block != NULL, "malloc");
    all->octets += malloc_usable_size(block);
    return block;
}

void counted_release(void *taken, void *block)
{
    struct taken *all = taken;

    all->octets -= malloc_usable_size(block);
    free(block);
}

static void add_field(struct lists *lists, size_t variant, size_t at,
                      const char *name, const char *value)
{
    struct h2core_field *field = &lists->fields[variant][at];
    nghttp2_nv *nv = &lists->nva[variant][at];

    check(at < FIELDS_MAX, "room for a field");
    field->name = name;
    field->value = value;
    field->name_len = (uint32_t)strlen(name);
    field->value_len = (uint32_t)strlen(value);
    nv->name = (uint8_t *)name;
    nv->value = (uint8_t *)value;
    nv->namelen = field->name_len;
    nv->valuelen = field->value_len;
}

static void add_fields(struct lists *lists, const char *const (*pairs)[2],
                       size_t count)
{
    size_t i, j;

    for (i = 0; i < VARIANTS; i++) {
        for (j = 0; j < count; j++)
            add_field(lists, i, lists->count + j, pairs[j][0], pairs[j][1]);
    }
    lists->count += count;
}

/* A field whose value differs from variant to variant. */
static void add_varying(struct lists *lists, const char *name,
                        char (*values)[TEXT_OCTETS])
{
    size_t i;

    for (i = 0; i < VARIANTS; i++)
        add_field(lists, i, lists->count, name, values[i]);
    lists->count++;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void make_curl_request(struct lists *lists)
{
    static const char *const pairs[][2] = {
        {":method",    "GET"            },
        {":path",      "/"              },
        {":scheme",    "https"          },
        {":authority", "www.example.org"},
        {"user-agent", "curl/7.88.1"    },
        {"accept",     "*/*"            }
    };

    add_fields(lists, pairs, COUNT(pairs));
}

/* What a browser sends for a script of a page. */
static void make_request(struct lists *lists, const struct kind *kind)
{
    static const char *const pairs[][2] = {
        {":scheme",         "https"                                        },
        {":authority",      "www.example.org"                              },
        {"user-agent",      "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
                       "Gecko/20100101 Firefox/128.0"},
        {"accept",          "*/*"                                          },
        {"accept-language", "en-US,en;q=0.5"                               },
        {"accept-encoding", "gzip, deflate, br, zstd"                      },
        {"referer",         "https://www.example.org/index.html"           },
        {"cookie",          "session=7d1f0c6be1a24c39a5f04b8c2e93d670"     },
        {"sec-fetch-dest",  "script"                                       },
        {"sec-fetch-mode",  "no-cors"                                      },
        {"sec-fetch-site",  "same-origin"                                  }
    };
    const char *method[][2] = {
        {":method", kind->method}
    };
    const char *length[][2] = {
        {"content-length", texts.upload}
    };

    add_fields(lists, method, 1);
    add_varying(lists, ":path", texts.path);
    add_fields(lists, pairs, COUNT(pairs));
    if (kind->upload_len)
        add_fields(lists, length, 1);
}

static void make_response(struct lists *lists, const struct kind *kind)
{
    static const char *const always[][2] = {
        {"server",        "Apache/2.4.62 (Debian)"       },
        {"date",          "Mon, 21 Oct 2013 20:13:21 GMT"},
        {"cache-control", "max-age=3600, public"         }
    };
    static const char *const of_files[][2] = {
        {"content-type",  "text/javascript; charset=utf-8"},
        {"last-modified", "Sun, 20 Oct 2013 08:00:00 GMT" },
        {"accept-ranges", "bytes"                         },
        {"vary",          "Accept-Encoding"               }
    };
    const char *status[][2] = {
        {":status", kind->response_len ? "200" : "204"}
    };
    const char *length[][2] = {
        {"content-length", texts.response}
    };

    add_fields(lists, status, 1);
    add_fields(lists, always, COUNT(always));
    if (!kind->response_len)
        return;
    add_fields(lists, of_files, COUNT(of_files));
    add_fields(lists, length, 1);
    add_varying(lists, "etag", texts.etag);
}

/* Whether libnghttp2 copies fields that it is given: for the near end. */
static void set_lending(struct lists *lists)
{
    size_t i, j;

    for (i = 0; i < VARIANTS; i++) {
        for (j = 0; j < lists->count; j++)
            lists->nva[i][j].flags =
                NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    }
}

static void make_work(struct work *work, const struct kind *kind, bool copies)
{
    size_t same = (kind->flags & CURL) ? 0 : 1;
    size_t i;

    for (i = 0; i < BODY_OCTETS; i++)
        body[i] = (uint8_t)(i * 31 + i / 251);
    for (i = 0; i < VARIANTS; i++) {
        snprintf(texts.path[i], TEXT_OCTETS, "/static/js/app-%zu.min.js",
                 1000 + i * same * 37);
        snprintf(texts.etag[i], TEXT_OCTETS, "\"%zx-63a%08zx\"",
                 kind->response_len, i * same * 2654435761u);
    }
    snprintf(texts.upload, TEXT_OCTETS, "%zu", kind->upload_len);
    snprintf(texts.response, TEXT_OCTETS, "%zu", kind->response_len);
    work->body = body;
    work->prepared = kind->flags & PREPARED;
    work->upload_len = kind->upload_len;
    work->response_len = kind->response_len;
    if (kind->flags & CURL)
        make_curl_request(&work->request);
    else
        make_request(&work->request, kind);
    make_response(&work->response, kind);
    if (!copies) {
        set_lending(&work->request);
        set_lending(&work->response);
    }
}

TIMED static void timed_open(struct end *end)
{
    end->ops->open(end);
}

TIMED static void timed_close(struct end *end)
{
    end->ops->close(end);
}

TIMED static void timed_request(struct end *end, size_t first, size_t count)
{
    end->ops->request(end, first, count);
}

TIMED static void timed_receive(struct end *end, const struct pipe *from)
{
    end->ops->receive(end, from->octets, from->len);
}

TIMED static void timed_send(struct end *end)
{
    end->ops->send(end);
}

TIMED static void timed_recycle(struct end *end)
{
    end->ops->recycle(end);
}

/* The connection; near is measured. */
static struct end near, far;
static struct pipe to_near, to_far;

/* Until neither has anything to say. */
static void exchange(void)
{
    do {
        to_near.len = to_far.len = 0;
        far.ops->send(&far);
        if (to_near.len)
            timed_receive(&near, &to_near);
        timed_send(&near);
        if (to_far.len)
            far.ops->receive(&far, to_far.octets, to_far.len);
    } while (to_near.len || to_far.len);
}

/* What came on the streams since recycle(). */
static void look(struct end *end)
{
    const struct work *work = end->work;
    size_t i;

    for (i = 0; i < end->used_count; i++)
        check(end->used[i]->received ==
                  (end->client ? work->response_len : work->upload_len),
              "the length of a body");
    end->seen.heads += end->used_count;
    end->ops->look(end);
}

static void run_batch(size_t first, size_t count)
{
    size_t closed = near.seen.closed + count;

    if (near.client)
        timed_request(&near, first, count);
    else
        far.ops->request(&far, first, count);
    exchange();
    check(near.seen.closed == closed && far.seen.closed == closed,
          "the end of all streams");
    look(&near);
    look(&far);
    timed_recycle(&near);
    far.ops->recycle(&far);
}

static void open_pipe(struct pipe *pipe)
{
    pipe->room = PIPE_OCTETS;
    pipe->octets = malloc(pipe->room);
    check(pipe->octets != NULL, "malloc");
}

static void open_ends(const struct work *work, const struct kind *kind,
                      const char *who, struct taken *taken)
{
    open_pipe(&to_near);
    open_pipe(&to_far);
    near.ops = strcmp(who, "ours") == 0 ? &ours_ops : &peer_ops;
    near.copies = strcmp(who, "peer-copy") == 0;
    near.client = kind->flags & CLIENT;
    near.measured = true;
    near.taken = taken;
    near.out = &to_far;
    far.ops = &peer_ops;
    far.client = !near.client;
    far.out = &to_near;
    near.work = far.work = work;
    timed_open(&near);
    far.ops->open(&far);
}

/* Octets in both dynamic tables of near, as far knows them. */
static size_t tables_octets(void)
{
    return nghttp2_session_get_hd_deflate_dynamic_table_size(far.session) +
           nghttp2_session_get_hd_inflate_dynamic_table_size(far.session);
}

static void report(const char *prefix, const struct seen *seen)
{
    printf("%sheads %zu %sfields %zu %soctets %zu %sclosed %zu %ssum %llu ",
           prefix, seen->heads, prefix, seen->fields, prefix, seen->octets,
           prefix, seen->closed, prefix, (unsigned long long)seen->sum);
}

/* Of the second half of the requests, and what the session keeps. */
static void report_taken(struct taken *taken, const struct taken *before,
                         size_t counted)
{
    printf("allocs %zu counted %zu used_untrimmed %zu ",
           taken->calls - before->calls, counted, taken->octets);
    near.ops->trim(&near);
    printf("used %zu tables %zu ", taken->octets, tables_octets());
}

static void run(const struct kind *kind, size_t requests, struct taken *taken)
{
    struct taken before = {0, 0};
    size_t count, done, half = 0;

    exchange();
    if (taken) {
        printf("idle_untrimmed %zu ", taken->octets);
        near.ops->trim(&near);
        printf("idle %zu ", taken->octets);
    }
    for (done = 0; done < requests; done += count) {
        if (taken && !half && done >= requests / 2) {
            before = *taken;
            half = done;
        }
        count = requests - done < kind->batch ? requests - done : kind->batch;
        run_batch(done, count);
    }
    if (taken)
        report_taken(taken, &before, requests - half);
    report("", &near.seen);
    report("far_", &far.seen);
    printf("\n");
}

int main(int argc, char **argv)
{
    static struct work work;
    const struct kind *kind = kinds;
    struct taken taken = {0, 0};
    struct taken *counted = argc > 4 ? &taken : NULL;

    check(argc > 3, "usage");
    while (kind < kinds + COUNT(kinds) && strcmp(kind->name, argv[1]))
        kind++;
    check(kind < kinds + COUNT(kinds), argv[1]);
    make_work(&work, kind, strcmp(argv[2], "peer-copy") == 0);
    open_ends(&work, kind, argv[2], counted);
    run(kind, strtoul(argv[3], NULL, 10), counted);
    timed_close(&near);
    far.ops->close(&far);
    free(to_near.octets);
    free(to_far.octets);
    return 0;
}
