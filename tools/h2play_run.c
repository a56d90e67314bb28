/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_run.c - play one dialogue.
 *
 * Lines -> that follow each other are collected and go out together before
 * the next line of another kind.  Lines <- that follow each other form a
 * block: each frame received is held against the first line of the block
 * that is open for its stream.
 */
#include "h2play_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h2play_receive.h"

struct run {
    const struct play_script *script;
    struct play_peer *peer;
    const struct play_way *way;
    struct play_bytes *transcript;
    struct play_sender sender;
    struct play_receiver receiver;
    struct play_bytes pending; /* to be sent */
    size_t sent;
    unsigned pings; /* sent to prove the connection alive */
    bool goaway;    /* received */
    bool eof;
};

/* A line <- that is not yet fulfilled. */
struct wanted {
    const struct play_step *step;
    struct play_subject subject;
    struct play_bytes body; /* PLAY_BODY: what has come of it */
    bool done;
};

static void note(struct run *run, const char *mark, const char *text)
{
    play_bytes_text(run->transcript, "%s %s\n", mark, text);
}

static bool complain(struct run *run, const char *what, const char *text)
{
    play_bytes_text(run->transcript, "!! %s%s%s\n", what, *text ? ": " : "",
                    text);
    return false;
}

/* ---- sending ----------------------------------------------------------- */

static void send_piece(struct run *run, const uint8_t *octets, size_t len)
{
    if (len)
        run->peer->send(run->peer, octets, len);
    run->sent += len;
}

static void flush(struct run *run)
{
    size_t len = run->pending.len;
    size_t cut = run->way->cut_at;
    size_t i;

    switch (run->way->mode) {
    case PLAY_WHOLE:
        send_piece(run, run->pending.p, len);
        break;
    case PLAY_OCTETS:
        for (i = 0; i < len; i++)
            send_piece(run, run->pending.p + i, 1);
        break;
    case PLAY_CUT:
        if (cut > run->sent && cut < run->sent + len) {
            size_t before = cut - run->sent;

            send_piece(run, run->pending.p, before);
            send_piece(run, run->pending.p + before, len - before);
        } else {
            send_piece(run, run->pending.p, len);
        }
        break;
    }
    run->pending.len = 0;
}

static bool send_step(struct run *run, const struct play_step *step)
{
    const char *error;

    note(run, "->", step->line.text);
    if (!play_frame_build(&run->sender, &step->line, &run->pending, &error))
        return complain(run, "cannot be sent", error);
    if (step->line.count && strcmp(step->line.words[0].name, "SETTINGS") == 0)
        play_receiver_announce(&run->receiver, &step->line);
    return true;
}

/* ---- receiving --------------------------------------------------------- */

/* Receive, and note what came. */
static enum play_received receive(struct run *run, struct play_frame *frame)
{
    const char *error = "";
    enum play_received got = PLAY_GOT_EOF;
    struct play_bytes text = {0};

    if (!run->eof)
        got = play_receive(&run->receiver, frame, &error);
    if (got == PLAY_GOT_EOF) {
        if (!run->eof)
            note(run, "<-", "EOF");
        run->eof = true;
    } else if (got == PLAY_GOT_ERROR) {
        complain(run, "received", error);
    } else if (got == PLAY_GOT_FRAME) {
        play_frame_text(frame, &text);
        note(run, "<-", (char *)text.p);
        play_bytes_free(&text);
        if (frame->frame.head.type == H2CORE_FRAME_GOAWAY)
            run->goaway = true;
        if (frame->frame.head.type == H2CORE_FRAME_PING &&
            !(frame->frame.head.flags & H2CORE_FLAG_ACK))
            memcpy(run->sender.last_opaque, frame->frame.u.opaque, 8);
    }
    return got;
}

static bool check_reason(struct run *run, const struct wanted *wanted)
{
    const char *expected = wanted->step->line.reason;
    const char *got;

    if (!expected)
        return true;
    got = run->peer->reason(run->peer, wanted->subject.type ==
                                               H2CORE_FRAME_GOAWAY
                                           ? 0
                                           : wanted->subject.stream_id);
    if (!got || play_one_of(expected, got))
        return true;
    return complain(run, "reason", got);
}

/* A DATA frame for a BODY line. */
static bool take_body(struct wanted *wanted, const struct play_frame *frame,
                      const char **out_error)
{
    const struct play_line *line = &wanted->step->line;
    bool wants_end = play_line_find(line, "end_stream") != NULL;
    bool ends = frame->frame.head.flags & H2CORE_FLAG_END_STREAM;
    const char *ignored;

    *out_error = "DATA expected";
    if (frame->frame.head.type != H2CORE_FRAME_DATA)
        return false;
    play_bytes_add(&wanted->body, frame->frame.data, frame->frame.data_len);
    *out_error = "end_stream is set";
    if (ends && !wants_end)
        return false;
    if (!play_data_match(line, wanted->subject.next, wanted->body.p,
                         wanted->body.len, ends, out_error))
        return false;
    wanted->done = wants_end ? ends
                             : play_data_match(line, wanted->subject.next,
                                               wanted->body.p,
                                               wanted->body.len, true,
                                               &ignored);
    return true;
}

/* HEADERS with END_STREAM are an empty body, too. */
static void take_empty_body(struct wanted *list, size_t count,
                            const struct play_frame *frame)
{
    const char *ignored;
    size_t i;

    if (frame->frame.head.type != H2CORE_FRAME_HEADERS ||
        !(frame->frame.head.flags & H2CORE_FLAG_END_STREAM))
        return;
    for (i = 0; i < count; i++) {
        if (list[i].subject.kind == PLAY_BODY && !list[i].body.len &&
            list[i].subject.stream_id == frame->frame.head.stream_id &&
            play_data_match(&list[i].step->line, list[i].subject.next,
                            list[i].body.p, 0, true, &ignored))
            list[i].done = true;
    }
}

/* Hold a frame against the block. */
static bool take_frame(struct run *run, struct wanted *list, size_t count,
                       const struct play_frame *frame)
{
    const char *error = "nothing more is expected of this stream";
    size_t i;

    for (i = 0; i < count; i++) {
        struct wanted *wanted = &list[i];

        if (wanted->done || wanted->subject.kind == PLAY_EOF ||
            wanted->subject.stream_id != frame->frame.head.stream_id)
            continue;
        if (wanted->subject.kind == PLAY_BODY) {
            if (take_body(wanted, frame, &error))
                return true;
        } else if (play_frame_match(&wanted->step->line, frame, &error)) {
            wanted->done = true;
            take_empty_body(list, count, frame);
            return check_reason(run, wanted);
        }
        break;
    }
    if (play_frame_is_incidental(frame))
        return true;
    return complain(run, "unexpected", error);
}

static void list_missing(struct run *run, const struct wanted *list,
                         size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (!list[i].done)
            play_bytes_text(run->transcript, "!! missing (line %d): <- %s\n",
                            list[i].step->number, list[i].step->line.text);
    }
}

static bool is_done(const struct wanted *list, size_t count, bool eof)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (!list[i].done && !(eof && list[i].subject.kind == PLAY_EOF))
            return false;
    }
    return true;
}

static bool receive_block(struct run *run, struct wanted *list, size_t count)
{
    struct play_frame frame;
    bool ok = true;

    while (ok && !is_done(list, count, run->eof)) {
        switch (receive(run, &frame)) {
        case PLAY_GOT_FRAME:
            ok = take_frame(run, list, count, &frame);
            break;
        case PLAY_GOT_EOF:
            ok = is_done(list, count, true) ||
                 complain(run, "connection has ended", "");
            break;
        case PLAY_GOT_SILENCE:
            ok = complain(run, "the peer is silent", "");
            break;
        case PLAY_GOT_ERROR:
            ok = false;
            break;
        }
    }
    if (!ok)
        list_missing(run, list, count);
    return ok;
}

/* The lines <- from step `first` on; *out_next is the step behind them. */
static bool expect_steps(struct run *run, size_t first, size_t *out_next)
{
    const struct play_script *script = run->script;
    struct wanted *list;
    size_t count = 0;
    size_t i;
    bool ok;

    while (first + count < script->step_count &&
           script->steps[first + count].kind == PLAY_EXPECT)
        count++;
    list = play_alloc(count * sizeof(*list));
    for (i = 0; i < count; i++) {
        const char *ignored;

        list[i].step = &script->steps[first + i];
        list[i].done = !play_subject_read(&list[i].step->line,
                                          &list[i].subject, &ignored);
    }
    ok = receive_block(run, list, count);
    for (i = 0; i < count; i++)
        play_bytes_free(&list[i].body);
    free(list);
    *out_next = first + count;
    return ok;
}

/* ---- proofs ------------------------------------------------------------ */

static bool prove(struct run *run, const char *const *lines, size_t count)
{
    struct play_step steps[2] = {{0}};
    struct wanted list[2] = {{0}};
    const char *ignored;
    size_t i;
    bool ok;

    for (i = 0; i < count; i++) {
        steps[i].kind = PLAY_EXPECT;
        if (play_line_parse(&steps[i].line, lines[i], &ignored) &&
            play_subject_read(&steps[i].line, &list[i].subject, &ignored))
            list[i].step = &steps[i];
    }
    ok = receive_block(run, list, count);
    for (i = 0; i < count; i++)
        play_line_free(&steps[i].line);
    return ok;
}

/* A PING comes back, and until then nothing that was not expected. */
static bool prove_alive(struct run *run)
{
    char line[64];
    const char *const lines[] = {line};
    struct play_step ping = {0};
    const char *ignored;
    bool ok;

    snprintf(line, sizeof(line), "PING opaque=616c697665%06x", ++run->pings);
    ok = play_line_parse(&ping.line, line, &ignored) && send_step(run, &ping);
    play_line_free(&ping.line);
    if (!ok)
        return false;
    flush(run);
    snprintf(line, sizeof(line), "PING ack opaque=616c697665%06x", run->pings);
    return prove(run, lines, 1);
}

/* GOAWAY if none has come yet, then the end. */
static bool prove_dead(struct run *run, const struct play_step *step)
{
    char line[128];
    const char *const lines[] = {line, "EOF"};

    snprintf(line, sizeof(line), "GOAWAY %s",
             step->line.count ? step->line.words[0].name : "*");
    if (run->eof) /* a line has matched it */
        return true;
    return run->goaway ? prove(run, lines + 1, 1) : prove(run, lines, 2);
}

/* ---- the dialogue ------------------------------------------------------ */

static bool play_step(struct run *run, size_t *at)
{
    const struct play_step *step = &run->script->steps[*at];
    const char *error;

    if (step->kind == PLAY_SEND) {
        ++*at;
        return send_step(run, step);
    }
    flush(run);
    if (step->kind == PLAY_EXPECT)
        return expect_steps(run, *at, at);
    ++*at;
    if (step->kind == PLAY_ALIVE)
        return prove_alive(run);
    if (step->kind == PLAY_DEAD)
        return prove_dead(run, step);
    note(run,
         step->kind == PLAY_DO     ? "do"
         : step->kind == PLAY_TICK ? "tick"
                                   : "told",
         step->line.text);
    return run->peer->act(run->peer, step, &error) ||
           complain(run, "not done", error);
}

bool play_run(const struct play_script *script, struct play_peer *peer,
              const struct play_way *way, struct play_bytes *transcript,
              size_t *out_sent)
{
    struct run run = {0};
    bool ok = true;
    size_t at = 0;

    run.script = script;
    run.peer = peer;
    run.way = way;
    run.transcript = transcript;
    play_receiver_init(&run.receiver, peer, script->is_client);
    while (ok && at < script->step_count) {
        int number = script->steps[at].number;

        ok = play_step(&run, &at);
        if (!ok)
            play_bytes_text(transcript, "!! at line %d\n", number);
    }
    if (ok && peer->trouble(peer))
        ok = complain(&run, "application", peer->trouble(peer));
    *out_sent = run.sent;
    play_receiver_fini(&run.receiver);
    play_bytes_free(&run.pending);
    play_bytes_free(&run.sender.block);
    return ok;
}
