#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# faults.sh - play every dialogue in memory once for each allocation it makes,
# with that one refused: nothing crashes, nothing leaks, and what does not go
# well ends as lack of memory.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
h2play=$H2X_BUILDDIR/tools/h2play

cd "$H2X_SRCDIR/tests/wire" || exit 1
files=$("$h2play" --memory --list *.h2t)
if [ -z "$files" ]; then
    not_ok "dialogues are found"
    plan
fi
exec timeout 300 "$h2play" --memory --faults $files
