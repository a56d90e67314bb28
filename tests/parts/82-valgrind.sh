#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Unit tests and dialogues under valgrind: reads of memory never written, which
# the sanitizers do not see, and leaks.
#
# tier: full
# beside: asan-prefork
# limit: 3000

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
CMOCKA_MESSAGE_OUTPUT=TAP
export CMOCKA_MESSAGE_OUTPUT
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

cd "$H2X_BUILDDIR" || exit 1
for test in $(make -s print-check-unit); do
    case $test in *.sh) continue ;; esac
    # 99 is ours, cmocka's is the number of failed tests.
    ./libtool --mode=execute valgrind -q --error-exitcode=99 \
        --leak-check=full --errors-for-leak-kinds=definite,indirect \
        "./$test" >"$tmp/tap" 2>"$tmp/err"
    status=$?
    if [ "$status" -eq 99 ] || grep -q '^==[0-9]*== ' "$tmp/err"; then
        not_ok "${test##*/} under valgrind"
        head -n 40 "$tmp/err" | diag
    else
        try "${test##*/} under valgrind" test "$status" -eq 0
    fi
done
cd "$H2X_SRCDIR/tests/wire" || exit 1
dialogues=$("$H2X_BUILDDIR/tools/h2play" --memory --list *.h2t)
try "dialogues under valgrind" "$H2X_BUILDDIR/libtool" --mode=execute \
    valgrind -q --error-exitcode=99 --leak-check=full \
    --errors-for-leak-kinds=definite,indirect \
    "$H2X_BUILDDIR/tools/h2play" --memory $dialogues
plan
