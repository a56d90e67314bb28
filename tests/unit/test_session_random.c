/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_random.c - fuzz_session.c on a bounded number of inputs made
 * by a small generator: the same ones in every run.  The number of a failing
 * one is printed; H2X_RANDOM_RUNS sets how many are tried.
 */
#include "case.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void test_random_acts(void **state)
{
    static uint8_t data[6000];
    const char *env = getenv("H2X_RANDOM_RUNS");
    unsigned long runs = env ? strtoul(env, NULL, 10) : 400, i;
    size_t len, n;

    (void)state;
    for (i = 0; i < runs; i++) {
        uint64_t seed = i;

        len = 100 + next_random(&seed) % (sizeof(data) - 100);
        for (n = 0; n < len; n++)
            data[n] = (uint8_t)next_random(&seed);
        fprintf(stderr, "\rinput %lu", i);
        LLVMFuzzerTestOneInput(data, len);
    }
    fprintf(stderr, "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_acts),
    };

    return cmocka_run_group_tests_name("session_random", tests, NULL, NULL);
}
