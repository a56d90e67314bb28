/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_hpack_peer.c - any octets as a run of field blocks, for our decoder
 * and libnghttp2's.
 *
 * Input: as fuzz_hpack.c has it.  Oracle: both accept a block or both refuse
 * it; what they decode is the same, the never-indexed mark included; and what
 * we encode of it libnghttp2 decodes to the same again.
 *
 * Known differences.  Limits: we bound the number of table size updates in a
 * block and the length of an integer, libnghttp2 does not, or elsewhere; it
 * bounds strings (64 KB), which inputs here do not reach.  An empty block:
 * libnghttp2 misses the table size update in it that is due, we wait for the
 * next block, as an empty one has no fields that could be misread.
 */
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hpack_peer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIELDS_MAX 70000

struct quartet {
    struct hc_hpack_dec dec;
    struct hc_hpack_enc enc;
    struct peer *theirs; /* reads the input, as dec does */
    struct peer *back;   /* reads what enc writes */
};

static const uint32_t table_sizes[] = {4096, 0, 64, 300, 1000, 65536, 31, 8192};
static const struct h2core_field none[1];

static void begin(struct quartet *all)
{
    struct h2core_hpack_limits limits;

    h2core_hpack_limits_init(&limits);
    limits.field_section_octets = UINT32_MAX;
    limits.field_count = FIELDS_MAX;
    hc_hpack_dec_init(&all->dec, &limits, NULL);
    hc_hpack_enc_init(&all->enc, 65536, NULL);
    CHECK((all->back = peer_create()) != NULL);
}

static void resize(struct quartet *all, size_t turn)
{
    uint32_t octets = table_sizes[turn & 7];

    hc_hpack_dec_resize(&all->dec, octets);
    hc_hpack_enc_resize(&all->enc, octets);
    peer_resize(all->theirs, octets);
    peer_resize(all->back, octets);
}

static void check_round_trip(struct quartet *all,
                             const struct h2core_field *fields, size_t count)
{
    size_t cap = hc_hpack_encode_bound(fields, count);
    uint8_t *block = malloc(cap);
    int64_t len;

    CHECK(block);
    len = hc_hpack_encode(&all->enc, fields, count, block, cap);
    CHECK(len >= 0);
    CHECK(peer_decodes(all->back, block, (size_t)len, count ? fields : none,
                       count, false));
    free(block);
}

/* One block; false when the decoders are of no more use. */
static bool play(struct quartet *all, const uint8_t *data, size_t len)
{
    const struct h2core_field *fields;
    size_t count;
    int err = hc_hpack_decode(&all->dec, data, len, &fields, &count);

    if (len == 0)
        return true;
    if (err == H2CORE_REASON_TOO_MANY_TABLE_UPDATES ||
        err == H2CORE_REASON_HPACK_INTEGER)
        return false;
    if (err) {
        CHECK(!peer_decodes(all->theirs, data, len, NULL, 0, false));
        return false;
    }
    CHECK(peer_decodes(all->theirs, data, len, count ? fields : none, count,
                       true));
    check_round_trip(all, fields, count);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data, *end = data + size;
    struct quartet all;
    bool goes_on = true;
    uint32_t head;
    size_t len;

    if (size < 1 || (all.theirs = peer_create()) == NULL)
        return 0;
    at++;
    begin(&all);
    while (goes_on && end - at >= 2) {
        head = hc_get_u16(at);
        at += 2;
        len = hc_min_size(head & 0x7fff, (size_t)(end - at));
        if (head & 0x8000)
            resize(&all, len);
        goes_on = play(&all, at, len);
        at += len;
    }
    hc_hpack_dec_fini(&all.dec);
    hc_hpack_enc_fini(&all.enc);
    peer_destroy(all.theirs);
    peer_destroy(all.back);
    return 0;
}
