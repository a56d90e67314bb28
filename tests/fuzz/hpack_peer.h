/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack_peer.h - libnghttp2's HPACK decoder for fuzz targets.  The library is
 * loaded when they run; without it, or its header, there is nothing to
 * compare with, which is said once.
 */
#ifndef FUZZ_HPACK_PEER_H
#define FUZZ_HPACK_PEER_H

#include <h2core/types.h>

#define CHECK(x) ((x) ? (void)0 : abort())

struct peer; /* one decoder */

/* A decoder; NULL: there is no library. */
struct peer *peer_create(void);
void peer_destroy(struct peer *peer);
/* Its owner has announced another table size, and that was acknowledged. */
void peer_resize(struct peer *peer, uint32_t octets);

/*
 * Decode a block.  Answers whether it is one; aborts when its fields are not
 * these, unless `fields` is NULL.  `marks`: the never-indexed marks, too.
 */
bool peer_decodes(struct peer *peer, const uint8_t *block, size_t len,
                  const struct h2core_field *fields, size_t count, bool marks);

#endif /* FUZZ_HPACK_PEER_H */
