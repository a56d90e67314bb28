/* SPDX-License-Identifier: Apache-2.0
 *
 * guard.h - octets that end at a page which must not be touched: code that
 * reads or writes one octet too far faults at once.
 */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <stddef.h>
#include <stdint.h>

/* `len` octets of room whose end is that of the last readable page.  Never
 * NULL, not even for 0; the program aborts without memory. */
uint8_t *guard_alloc(size_t len);

/* The same, filled with a copy. */
uint8_t *guard_copy(const void *octets, size_t len);

/* Give back what guard_alloc(len) or guard_copy(.., len) answered. */
void guard_free(uint8_t *octets, size_t len);

#endif /* TESTS_GUARD_H */
