#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The fuzz targets under libFuzzer with sanitizers, from their corpora, for a
# fixed number of inputs; what crashes is kept in logs/.
#
# tier: full
# limit: 1800

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

try "configure --enable-fuzz" configure_in libfuzzer CC=clang CXX=clang++ \
    --enable-fuzz --enable-sanitize --without-apxs
try "make" make_in libfuzzer
for program in "$H2X_OUT"/libfuzzer/tests/fuzz/libfuzzer_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    name=${program##*/libfuzzer_}
    cp -R "$H2X_SRCDIR/tests/fuzz/corpus/$name" "$tmp/$name"
    try "$name: 300,000 inputs" "$program" -runs=300000 -seed=1 \
        -timeout=10 -rss_limit_mb=1024 -max_total_time=300 -verbosity=0 \
        -artifact_prefix="$H2X_OUT/logs/$name-" "$tmp/$name"
done
plan
