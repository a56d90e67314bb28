#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The fuzz targets under libFuzzer with sanitizers and assertions, from their
# corpora, for a minute each; what crashes is kept in logs/.
#
# tier: full
# limit: 1800

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

try "configure --enable-fuzz" configure_in libfuzzer CC=clang CXX=clang++ \
    --enable-fuzz --enable-sanitize --enable-asserts --without-apxs
try "make" make_in libfuzzer
for program in "$H2X_OUT"/libfuzzer/tests/fuzz/libfuzzer_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    name=${program##*/libfuzzer_}
    cp -R "$H2X_SRCDIR/tests/fuzz/corpus/$name" "$tmp/$name"
    try "$name: 60 seconds" "$program" -max_total_time=60 -seed=1 \
        -timeout=10 -rss_limit_mb=1024 -max_len=4096 -verbosity=0 \
        -artifact_prefix="$H2X_OUT/logs/$name-" "$tmp/$name"
    ran=yes
done
try "there are fuzz targets" test "${ran:-no}" = yes
plan
