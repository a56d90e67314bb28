/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_score.c - the scoreboard's counts, as ap_increment_counts() would make
 * them request by request.
 */
#include "h2x_score.h"

#include <http_core.h>
#include <scoreboard.h>

static APR_OPTIONAL_FN_TYPE(ap_logio_get_last_bytes) *last_bytes;

void h2x_score_init(void)
{
    last_bytes = APR_RETRIEVE_OPTIONAL_FN(ap_logio_get_last_bytes);
}

void h2x_score_count(struct h2x_conn *conn, conn_rec *c2, apr_off_t body)
{
    conn->score_requests++;
    conn->score_octets += last_bytes ? last_bytes(c2) : body;
}

void h2x_score_flush(struct h2x_conn *conn)
{
    worker_score *row;

    if (conn->score_requests && ap_extended_status &&
        (row = ap_get_scoreboard_worker(conn->c1->sbh))) {
        row->access_count += conn->score_requests;
        row->my_access_count += conn->score_requests;
        row->conn_count = (unsigned short)(row->conn_count +
                                           conn->score_requests);
        row->bytes_served += conn->score_octets;
        row->my_bytes_served += conn->score_octets;
        row->conn_bytes += conn->score_octets;
#ifdef HAVE_TIMES
        (void)times(&row->times);
#endif
    }
    conn->score_requests = 0;
    conn->score_octets = 0;
}
