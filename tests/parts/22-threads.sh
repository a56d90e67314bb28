#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Unit tests of what threads share, under ThreadSanitizer: pipes, wakes, the
# pool of workers, what was learned of handlers, prepared field lists; and
# sessions of several threads, which share nothing.
#
# tier: default
# limit: 600

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
CMOCKA_MESSAGE_OUTPUT=TAP
TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 ${TSAN_OPTIONS:-}"
export CMOCKA_MESSAGE_OUTPUT TSAN_OPTIONS
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

try "configure --enable-sanitize=thread" configure_in tsan --enable-werror \
    --enable-sanitize=thread
programs=$(make -s -C "$H2X_OUT/tsan" print-check-threads)
try "there are programs" test -n "$programs"
try "make" make_in tsan $programs

# Where kernels spread addresses wider than the runtime knows, it does not
# start; without spreading it does.
fixed=
if setarch -R true 2>/dev/null; then
    fixed="setarch -R"
fi

cd "$H2X_OUT/tsan" || exit 1
for program in $programs; do
    $fixed sh "$H2X_SRCDIR/tests/cmocka.sh" "./$program" \
        >"$tmp/tap" 2>"$tmp/err"
    merge_tap "tsan/${program##*/}" "$tmp/tap" $?
    if grep -q 'Sanitizer' "$tmp/err"; then
        not_ok "tsan/${program##*/}: no race"
        head -n 60 "$tmp/err" | diag
    else
        ok "tsan/${program##*/}: no race"
    fi
done
plan
