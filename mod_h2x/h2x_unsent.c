/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_unsent.c - how much is written ahead of a slow line.
 *
 * One figure for each connection, in octets, that follows its line's pace: the
 * socket reports room when less than half of it is unsent, and as much at most
 * is gathered at a time.  Half of it whenever that took too long, twice as much
 * when the line has nothing left to send.
 */
#include "h2x_unsent.h"

#include <apr_portable.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#ifdef __linux__
#include <linux/sockios.h>
#endif

/* Octets.  The least is 130 ms of a line of 1 Mbit/s, the most is what Linux
 * lets a socket's buffer grow to, 32 ms of a line of 1 Gbit/s. */
#define UNSENT_LEAST 16384
#define UNSENT_FIRST 32768
#define UNSENT_MOST 4194304
/* So many times that without a full socket make a fast line. */
#define UNHINDERED 8
/* A piece shall be taken within the latter time; what takes less than the
 * former costs more system calls than it is worth. */
#define TAKEN_FAST apr_time_from_msec(8)
#define TAKEN_SLOW apr_time_from_msec(60)

static bool get_socket(const struct h2x_conn *conn, apr_os_sock_t *socket)
{
    return apr_os_sock_get(socket, ap_get_conn_socket(conn->c1)) ==
           APR_SUCCESS;
}

static void set(struct h2x_conn *conn, apr_size_t octets)
{
    if (octets < UNSENT_LEAST)
        octets = UNSENT_LEAST;
    if (octets > UNSENT_MOST)
        octets = UNSENT_MOST;
    if (octets == conn->unsent)
        return;
    conn->unsent = octets;
#ifdef TCP_NOTSENT_LOWAT
    apr_os_sock_t socket;
    int value = (int)octets;

    if (get_socket(conn, &socket))
        (void)setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value,
                         sizeof(value));
#endif
}

/* Whether the line had sent all it was given: then it waited for us, or was
 * about to. */
static bool is_dry(const struct h2x_conn *conn)
{
#ifdef SIOCOUTQNSD
    apr_os_sock_t socket;
    int unsent;

    return get_socket(conn, &socket) &&
           !ioctl(socket, SIOCOUTQNSD, &unsent) && !unsent;
#else
    (void)conn;
    return false;
#endif
}

void h2x_unsent_begin(struct h2x_conn *conn)
{
    set(conn, UNSENT_FIRST);
}

apr_size_t h2x_unsent_piece(const struct h2x_conn *conn)
{
    return conn->unsent;
}

void h2x_unsent_passed(struct h2x_conn *conn, apr_size_t octets)
{
    if (conn->unsent == UNSENT_MOST)
        return;
    conn->passed += octets;
    if (conn->passed < UNHINDERED * conn->unsent)
        return;
    conn->passed = 0;
    if (is_dry(conn))
        set(conn, conn->unsent * 2);
}

void h2x_unsent_full(struct h2x_conn *conn)
{
    if (!conn->full_since)
        conn->full_since = apr_time_now();
    conn->dry = 0;
    conn->passed = 0;
}

void h2x_unsent_look(struct h2x_conn *conn)
{
    if (!conn->dry && is_dry(conn))
        conn->dry = 1;
}

void h2x_unsent_room(struct h2x_conn *conn)
{
    apr_interval_time_t took = apr_time_now() - conn->full_since;

    if (conn->dry || took < TAKEN_FAST)
        set(conn, conn->unsent * 2);
    else if (took > TAKEN_SLOW)
        set(conn, conn->unsent / 2);
    conn->full_since = 0;
}
