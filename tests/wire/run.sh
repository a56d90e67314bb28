#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run.sh - play every dialogue against the library in memory: whole, one octet
# at a time, and cut in two everywhere.  Those for sockets only are not listed.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
h2play=$H2X_BUILDDIR/tools/h2play

cd "$H2X_SRCDIR/tests/wire" || exit 1
files=$("$h2play" --memory --list *.h2t)
if [ -z "$files" ]; then
    not_ok "dialogues are found"
    plan
fi
exec timeout 300 "$h2play" --memory $files
