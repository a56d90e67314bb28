/* SPDX-License-Identifier: Apache-2.0
 *
 * guard.c - octets that end at a page which must not be touched.
 */
#include "guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Whole pages for `len` octets, at least one. */
static size_t room_size(size_t len)
{
    size_t page = page_size();

    return (len / page + 1) * page;
}

uint8_t *guard_alloc(size_t len)
{
    size_t room = room_size(len);
    uint8_t *base = mmap(NULL, room + page_size(), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (base == MAP_FAILED || mprotect(base + room, page_size(), PROT_NONE))
        abort();
    return base + room - len;
}

uint8_t *guard_copy(const void *octets, size_t len)
{
    uint8_t *copy = guard_alloc(len);

    if (len)
        memcpy(copy, octets, len);
    return copy;
}

void guard_free(uint8_t *octets, size_t len)
{
    size_t room = room_size(len);

    if (munmap(octets + len - room, room + page_size()))
        abort();
}
