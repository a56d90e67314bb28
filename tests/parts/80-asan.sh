#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Everything again under AddressSanitizer and UndefinedBehaviorSanitizer: unit
# tests, dialogues, and the module in httpd.  httpd itself is not instrumented,
# so the runtime is preloaded; pools give memory back late and in one piece,
# so leaks are not looked for there.
#
# tier: full
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run=$(mktemp -d) || exit 1
trap 'rm -rf "$run"' EXIT

UBSAN_OPTIONS=print_stacktrace=1
export UBSAN_OPTIONS
try "configure --enable-sanitize" configure_in asan --enable-werror \
    --enable-sanitize
try "make" make_in asan
try "make check builds its programs" make_in asan check TESTS=
run_make_check asan check-unit
run_make_check asan check-fuzz
run_make_check asan check-wire

mkdir -p "$run/reports"
chmod 1777 "$run/reports"
chmod 755 "$run"
run_httpd_tests "$H2X_OUT/asan" --httpd-env "\
LD_PRELOAD=$(${CC:-gcc} -print-file-name=libasan.so) \
ASAN_OPTIONS=detect_leaks=0:log_path=$run/reports/asan \
UBSAN_OPTIONS=print_stacktrace=1:log_path=$run/reports/ubsan"
cat "$run"/reports/* >"$run/all" 2>/dev/null
if [ -s "$run/all" ]; then
    not_ok "the sanitizers have nothing to report of httpd"
    head -n 80 "$run/all" | diag
else
    ok "the sanitizers have nothing to report of httpd"
fi
plan
