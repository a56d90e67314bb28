#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# hpack_stories.sh - the tool of that name on the collection that H2X_VECTORS
# names, else on the sample; that it says so when a field is another; and
# python3-hpack decodes what we encode.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
tool=$H2X_BUILDDIR/tests/tools/hpack_stories
stories=${H2X_VECTORS:-$H2X_SRCDIR/tests/data}/hpack-test-case
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

for folder in raw-data nghttp2 nghttp2-16384-4096 nghttp2-change-table-size \
    python-hpack haskell-http2-linear-huffman; do
    if "$tool" "$stories/$folder" >"$tmp/out" 2>&1; then
        ok "$(sed "s|^$stories/||" "$tmp/out")"
    else
        not_ok "$folder"
        diag <"$tmp/out"
    fi
done

mkdir "$tmp/bad"
sed 's/"GET"/"PUT"/' \
    "$H2X_SRCDIR/tests/data/hpack-test-case/nghttp2/story_00.json" \
    >"$tmp/bad/story.json"
if "$tool" "$tmp/bad" >"$tmp/out" 2>&1; then
    not_ok "another value is noticed"
else
    ok "another value is noticed"
fi

python=${PYTHON3:-python3}
if "$python" -c 'import hpack' 2>/dev/null; then
    if "$python" -B "$H2X_SRCDIR/tests/tools/hpack_python.py" "$tool" \
        "$stories"/raw-data/story_*.json >"$tmp/out" 2>&1; then
        ok "python3-hpack decodes our blocks of $(grep -c '^ok' "$tmp/out") \
stories"
    else
        not_ok "python3-hpack decodes our blocks"
        grep -v '^ok' "$tmp/out" | diag
    fi
else
    skip "no python3-hpack: our blocks are not decoded by it"
fi
plan
