#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make distcheck, and every file of the tree is in the archive.
#
# tier: default
# limit: 900

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

try "make distcheck" make_in build distcheck \
    DISTCHECK_CONFIGURE_FLAGS=--enable-werror
archive=$(ls "$H2X_BUILDDIR"/h2x-*.tar.gz | tail -n 1)
tar tzf "$archive" | grep -v '/$' | sed 's|^[^/]*/||' | sort >"$tmp/packed"
sort "$H2X_MANIFEST" | comm -23 - "$tmp/packed" >"$tmp/forgotten"
: >"$tmp/none"
same "no file of the tree is missing in the archive" \
    "$tmp/none" "$tmp/forgotten"
plan
