#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gen.sh - generated tables and pages are what their generators make of the
# facts.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
if [ -n "${PYTHON3:-}" ]; then
    try "libh2core/gen is up to date" \
        "$PYTHON3" -B "$H2X_SRCDIR/tools/gen_tables.py" --check
    try "pages of docs/ are up to date" \
        "$PYTHON3" -B "$H2X_SRCDIR/tools/gen_docs.py" --check
else
    skip "no python3"
    skip "no python3"
fi
plan
