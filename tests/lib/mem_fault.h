/* SPDX-License-Identifier: Apache-2.0
 *
 * mem_fault.h - memory for the library that fails when told and counts what
 * is alive, so that a test can walk through every allocation of a scenario:
 *
 *     for (n = 1;; n++) {
 *         mem_fault_init(&fault, n);
 *         run the scenario with &fault.memory
 *         assert_int_equal(fault.live, 0);
 *         if (!fault.failed)
 *             break;
 *     }
 */
#ifndef TESTS_MEM_FAULT_H
#define TESTS_MEM_FAULT_H

#include <h2core/types.h>

struct mem_fault {
    struct h2core_memory memory; /* give this to the library */
    size_t fail_at;      /* the call that fails, from 1; 0: none */
    bool fail_after;     /* and all that follow it */
    size_t calls;        /* allocations and growths asked for */
    size_t failed;       /* of them refused */
    size_t live;         /* blocks not yet released */
    size_t octets;       /* in them */
    size_t octets_peak;
};

void mem_fault_init(struct mem_fault *fault, size_t fail_at);

#endif /* TESTS_MEM_FAULT_H */
