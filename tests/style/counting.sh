#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# counting.sh - what judges the tests is tested: tap-count.awk on documents
# that are right and wrong, harness-tap.awk on a run of Perl's harness.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# counts TEXT STATUS PASSED FAILED SKIPPED DOCUMENT
counts()
{
    printf "$6" | awk -v status="$2" -f "$H2X_SRCDIR/tests/tap-count.awk" |
        sed 's/ tap_problem=.*//' >"$tmp/got"
    printf 'tap_passed=%d tap_failed=%d tap_skipped=%d\n' "$3" "$4" "$5" \
        >"$tmp/want"
    same "$1" "$tmp/want" "$tmp/got"
}

counts "all pass" 0 2 0 0 '1..2\nok 1 - a\nok 2\n'
counts "plan at the end" 0 1 0 0 'ok 1 - a\n1..1\n'
counts "a failure" 1 1 1 0 '1..2\nok 1 - a\nnot ok 2 - b\n'
counts "a skip" 0 1 0 1 '1..2\nok 1 - a\nok 2 # SKIP no b\n'
counts "a skip in small letters" 0 0 0 1 '1..1\nok 1 - b # skip\n'
counts "a failure that is to do" 0 0 0 1 '1..1\nnot ok 1 # TODO later\n'
counts "nothing" 0 0 1 0 ''
counts "a plan of nothing" 0 0 1 0 '1..0 # SKIP no cmocka\n'
counts "no plan" 0 1 1 0 'ok 1 - a\n'
counts "too few tests" 0 1 1 0 '1..2\nok 1 - a\n'
counts "too many tests" 0 2 1 0 '1..1\nok 1 - a\nok 2 - b\n'
counts "two plans" 0 1 1 0 '1..1\nok 1 - a\n1..1\n'
counts "bail out" 255 1 1 0 '1..1\nok 1 - a\nBail out!\n'
counts "a bad status alone" 139 1 1 0 '1..1\nok 1 - a\n'
counts "out of time" 124 1 1 0 '1..1\nok 1 - a\n'
counts "failures and their status" 1 0 1 0 '1..1\nnot ok 1 - a\n'
counts "words that look like tests" 0 1 0 0 'okay\n1..1\nok 1\n# ok 2\n'

# harness TEXT STATUS WANTED OUTPUT: the lines wanted, without numbers
harness()
{
    printf "$4" | awk -v status="$2" \
        -f "$H2X_SRCDIR/tests/harness-tap.awk" |
        grep -v '^#' | sed -E 's/ok [0-9]+/ok/' >"$tmp/got"
    printf "$3" >"$tmp/want"
    same "$1" "$tmp/want" "$tmp/got"
}

harness "a program that passes" 0 'ok - t/a: x\n1..1\n' \
    't/a.t .. \n1..1\nok 1 - x\nok\n'
harness "a failed test counts once" 1 'not ok - t/a: x\n1..1\n' \
    't/a.t .. \n1..1\nnot ok 1 - x\nFailed 1/1 subtests \n'
harness "a wrong plan" 1 \
    'ok - t/a: x\nnot ok - t/a: Failed 1/2 subtests \n1..2\n' \
    't/a.t .. \n1..2\nok 1 - x\nFailed 1/2 subtests \n'
harness "a bad exit status" 1 \
    'ok - t/a: x\nnot ok - t/a: Dubious, test returned 3\n1..2\n' \
    't/a.t .. \n1..1\nok 1 - x\nDubious, test returned 3\nAll 1 subtests passed \n'
harness "no test" 1 'not ok - t/a: No subtests run \n1..1\n' \
    't/a.t .. \nNo subtests run \n'
harness "a program that is skipped" 0 'ok - t/a # SKIP no h2\n1..1\n' \
    't/a.t .. skipped: no h2\n'
harness "a run that breaks off" 0 \
    'ok - t/a: x\nnot ok - t/a: ended without a word\n1..2\n' \
    't/a.t .. \nok 1 - x\n'
harness "a run that never began" 2 \
    'not ok - the run ended with status 2\n1..1\n' \
    'no Apache::Test\n'
plan
