/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_diary.c - hashes in a ring, found by open addressing.
 *
 * `places` has twice as many places as the ring, each the number of a ring
 * entry and 1, or 0.  Who leaves the ring leaves its place; those behind it in
 * its run close up.
 */
#include "h2x_diary.h"

#include <stdlib.h>
#include <string.h>

struct h2x_diary {
    uint32_t size;
    uint32_t count;    /* entries of the ring */
    uint32_t next;     /* the one that is taken next */
    uint64_t *ring;
    uint16_t *places;
};

static struct h2x_diary *create(uint32_t size)
{
    struct h2x_diary *diary;

    diary = calloc(1, sizeof(*diary) + size * sizeof(uint64_t) +
                          2 * size * sizeof(uint16_t));
    if (!diary)
        return NULL;
    diary->size = size;
    diary->ring = (uint64_t *)(void *)(diary + 1);
    diary->places = (uint16_t *)(void *)(diary->ring + size);
    return diary;
}

static uint32_t place_of(const struct h2x_diary *diary, uint64_t hash)
{
    return (uint32_t)(hash >> 32) & (2 * diary->size - 1);
}

static uint32_t place_behind(const struct h2x_diary *diary, uint32_t place)
{
    return (place + 1) & (2 * diary->size - 1);
}

/* Its place, or the free one where it would go. */
static uint32_t find(const struct h2x_diary *diary, uint64_t hash)
{
    uint32_t place = place_of(diary, hash);

    while (diary->places[place] &&
           diary->ring[diary->places[place] - 1] != hash)
        place = place_behind(diary, place);
    return place;
}

static void leave(struct h2x_diary *diary, uint64_t hash)
{
    uint32_t place = find(diary, hash);
    uint16_t moved;

    diary->places[place] = 0;
    for (;;) {
        place = place_behind(diary, place);
        moved = diary->places[place];
        if (!moved)
            return;
        diary->places[place] = 0;
        diary->places[find(diary, diary->ring[moved - 1])] = moved;
    }
}

bool h2x_diary_has(const struct h2x_diary *diary, uint64_t hash)
{
    return diary && diary->places[find(diary, hash)];
}

void h2x_diary_note(struct h2x_diary **diary, uint32_t size, uint64_t hash)
{
    struct h2x_diary *d = *diary;

    if (!size || (!d && !(*diary = d = create(size))))
        return;
    if (d->count == d->size)
        leave(d, d->ring[d->next]);
    else
        d->count++;
    d->ring[d->next] = hash;
    d->places[find(d, hash)] = (uint16_t)(d->next + 1);
    d->next = (d->next + 1) & (d->size - 1);
}

void h2x_diary_free(struct h2x_diary *diary)
{
    free(diary);
}

/* FNV-1a, and the bits mixed: places are taken from the upper ones. */
uint64_t h2x_diary_hash(uint64_t before, const char *text)
{
    uint64_t hash = before ^ UINT64_C(0xcbf29ce484222325);

    do {
        hash ^= (unsigned char)*text;
        hash *= UINT64_C(0x100000001b3);
    } while (*text++);
    return hash ^ hash >> 29;
}
