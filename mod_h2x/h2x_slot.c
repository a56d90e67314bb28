/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_slot.c - making, recycling and giving up secondary connections.
 */
#include "h2x_slot.h"

#include <apr_network_io.h>

#include "h2x_filter.h"
#include "h2x_reserve.h"

/*
 * The event MPM keeps in c->conn_config whose time-outs hold while it has the
 * connection, and sets it anew in each request's post_read_request.  A
 * request on c2 shall do that for c1.
 */
static module *mpm_module;
/* What ap_get_conn_socket() answers for every c2; never read nor written. */
static apr_socket_t *dummy_socket;

apr_status_t h2x_slot_child_init(apr_pool_t *pchild)
{
    mpm_module = ap_find_linked_module("event.c");
    return apr_socket_create(&dummy_socket, APR_INET, SOCK_STREAM,
                             APR_PROTO_TCP, pchild);
}

/*
 * The number of a secondary connection.  Modules want it unique among all
 * that live; mod_unique_id uses the low 32 bits.
 */
static long slot_id(struct h2x_conn *conn)
{
    conn->slot_next = (conn->slot_next + 1) & 0xffff;
    return ((conn->c1->id + 1) << 16) | (long)conn->slot_next;
}

static void init_c2(conn_rec *c2, const conn_rec *c1, apr_pool_t *pool)
{
    *c2 = *c1;
    /* Looking a name up writes into the address and its pool. */
    (void)apr_sockaddr_info_copy(&c2->client_addr, c1->client_addr, pool);
    (void)apr_sockaddr_info_copy(&c2->local_addr, c1->local_addr, pool);
    c2->master = (conn_rec *)c1;
    c2->pool = pool;
    c2->bucket_alloc = apr_bucket_alloc_create(pool);
    c2->conn_config = ap_create_conn_config(pool);
    c2->notes = apr_table_make(pool, 4);
    c2->input_filters = NULL;
    c2->output_filters = NULL;
    c2->data_in_input_filters = 0;
    c2->data_in_output_filters = 0;
    c2->clogging_input_filters = 1;
    c2->log = NULL;
    c2->log_id = NULL;
    c2->aborted = 0;
    /* No hook shall take this for the first request of a connection, nor
     * drain or pipeline it. */
    c2->keepalive = AP_CONN_CLOSE;
    c2->keepalives = 1;
}

static struct h2x_slot *create_slot(struct h2x_conn *conn)
{
    apr_allocator_t *allocator = h2x_reserve_take_allocator();
    struct h2x_slot *slot;
    apr_pool_t *pool;
    conn_rec *c2;
    int rc;

    if (!allocator)
        return NULL;
    if (apr_pool_create_ex(&pool, conn->c1->pool, NULL, allocator)) {
        h2x_reserve_give_allocator(allocator);
        return NULL;
    }
    apr_pool_tag(pool, "h2x_slot");
    slot = apr_pcalloc(pool, sizeof(*slot));
    slot->allocator = allocator;
    slot->c2 = c2 = apr_palloc(pool, sizeof(*c2));
    init_c2(c2, conn->c1, pool);
    c2->id = slot_id(conn);
    ap_set_module_config(c2->conn_config, &h2x_module, slot);
    ap_set_core_module_config(c2->conn_config, dummy_socket);
    h2x_filter_add_connection(c2);
    /* An MPM without own connection states leaves cs alone. */
    rc = ap_run_pre_connection(c2, dummy_socket);
    if (rc != OK && rc != DONE) {
        ap_log_cerror(APLOG_MARK, APLOG_ERR, 0, conn->c1, H2XLOG(0101)
                      "a pre_connection hook refused the secondary "
                      "connection (%d)", rc);
        apr_pool_destroy(pool);
        h2x_reserve_give_allocator(allocator);
        return NULL;
    }
    if (mpm_module)
        ap_set_module_config(
            c2->conn_config, mpm_module,
            ap_get_module_config(conn->c1->conn_config, mpm_module));
    if (c2->cs == conn->c1->cs)
        c2->cs = apr_pcalloc(pool, sizeof(*c2->cs));
    return slot;
}

static void destroy_slot(struct h2x_slot *slot)
{
    apr_allocator_t *allocator = slot->allocator;

    apr_pool_destroy(slot->c2->pool);
    h2x_reserve_give_allocator(allocator);
}

struct h2x_slot *h2x_slot_acquire(struct h2x_conn *conn,
                                  struct h2x_stream *stream)
{
    struct h2x_slot *slot = conn->slots_free;

    if (slot)
        conn->slots_free = slot->next;
    else
        slot = create_slot(conn);
    if (slot) {
        slot->next = NULL;
        slot->stream = stream;
        slot->uses++;
        slot->c2->current_thread = conn->c1->current_thread;
        slot->c2->sbh = conn->c1->sbh;
    }
    return slot;
}

void h2x_slot_release(struct h2x_conn *conn, struct h2x_slot *slot)
{
    int most = conn->server->keep_alive_max;
    conn_rec *c2 = slot->c2;

    slot->stream = NULL;
    if (slot->keep) { /* c1's pool takes it along */
        apr_allocator_owner_set(slot->allocator, c2->pool);
        return;
    }
    if (c2->aborted || slot->uses >= (most > 0 ? most : 100)) {
        destroy_slot(slot);
        return;
    }
    apr_table_clear(c2->notes);
    c2->keepalive = AP_CONN_CLOSE;
    c2->keepalives++;
    c2->data_in_input_filters = 0;
    c2->data_in_output_filters = 0;
    c2->double_reverse = conn->c1->double_reverse;
    c2->log_id = NULL;
    slot->next = conn->slots_free;
    conn->slots_free = slot;
}

void h2x_slot_trim(struct h2x_conn *conn)
{
    struct h2x_slot *slot;

    while ((slot = conn->slots_free)) {
        conn->slots_free = slot->next;
        destroy_slot(slot);
    }
}

struct h2x_stream *h2x_slot_stream(const conn_rec *c)
{
    const struct h2x_slot *slot;

    if (!c->master)
        return NULL;
    slot = ap_get_module_config(c->conn_config, &h2x_module);
    return slot ? slot->stream : NULL;
}
