/* SPDX-License-Identifier: Apache-2.0
 *
 * measured.h - what the programs that bench/run counts instructions of have in
 * common: the mark of a function that counts, and an end for those that fail.
 * Functions that count are called timed_..., and none calls another.
 */
#ifndef BENCH_MEASURED_H
#define BENCH_MEASURED_H

#include <h2core/types.h>
#include <stdio.h>
#include <stdlib.h>

#define TIMED __attribute__((noinline, noclone))

static inline void check(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

#endif /* BENCH_MEASURED_H */
