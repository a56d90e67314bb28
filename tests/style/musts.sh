#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# musts.sh - every demand in libh2core/spec/musts.tsv has tests that exist,
# every dialogue has an end and a section, and the check of that can fail.
# With the texts of the RFCs in $H2X_RFC: every section with a MUST has a row.

set -u
. "$H2X_SRCDIR/tests/tap.sh"

if [ -z "${PYTHON3:-}" ]; then
    for what in rows dialogues broken RFCs; do
        skip "$what: no python3"
    done
    plan
fi

check()
{
    "$PYTHON3" -B "$1/tools/gen_compliance.py" "$2" ${3+"$3"}
}

try "demands have their tests, dialogues their ends" \
    check "$H2X_SRCDIR" --check
sed -n '/^#/d; s/.*\topen:\([^\t]*\).*/not kept yet: \1/p' \
    "$H2X_SRCDIR/libh2core/spec/musts.tsv" | diag

# A copy of what is judged, to be broken.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/tools" "$tmp/tests" "$tmp/libh2core/spec"
cp "$H2X_SRCDIR/tools/gen_compliance.py" "$tmp/tools"
cp "$H2X_SRCDIR/libh2core/spec/musts.tsv" "$tmp/libh2core/spec"
cp -R "$H2X_SRCDIR/tests/wire" "$H2X_SRCDIR/tests/unit" "$tmp/tests"
cp -R "$H2X_SRCDIR/t" "$tmp"
chmod -R u+w "$tmp"
musts=$tmp/libh2core/spec/musts.tsv
cp "$musts" "$tmp/whole"

# broken TEXT PATTERN: the copy as it is now is refused, and that is why.
broken()
{
    if ! out=$(check "$tmp" --check) && printf '%s' "$out" | grep -q "$2"; then
        ok "refused: $1"
    else
        not_ok "refused: $1"
        printf '%s\n' "$out" | diag
    fi
}

row='9113\t5.1\tboth\tcore\ta demand'
try "the copy is whole" check "$tmp" --check
printf "$row\t\n" >>"$musts"
broken "a row without a test" "neither a dialogue nor a unit test"
{ cat "$tmp/whole"; printf "$row\tt:01-protocols\n"; } >"$musts"
broken "a row with a test of httpd only" "neither a dialogue nor a unit test"
{ cat "$tmp/whole"; printf "$row\twire:none-such\n"; } >"$musts"
broken "a dialogue that is not there" "no such test: wire:none-such"
{ cat "$tmp/whole"; printf "$row\tunit:test_flow:test_none\n"; } >"$musts"
broken "a unit test that is not there" "no such test: unit:test_flow:test_none"
{ cat "$tmp/whole"; printf '9113\t5.1\tboth\tTLS\ta demand\n'; } >"$musts"
broken "somebody else's row without a note" "neither a test nor a note"
cp "$tmp/whole" "$musts"
rm "$tmp/tests/wire/ping-ack.h2t"
broken "a dialogue that was removed" "no such test: wire:ping-ack"
printf '#\n# RFC 9113 6.7: a PING.\nrole server\nstart\n-> PING\n' \
    >"$tmp/tests/wire/ping-ack.h2t"
broken "a dialogue without an end" "does not end with alive or dead"
printf '#\n# A PING.\nrole server\nstart\nalive\n' \
    >"$tmp/tests/wire/ping-ack.h2t"
broken "a dialogue without a section" "names no section"

if [ -n "${H2X_RFC:-}" ]; then
    try "each section with a MUST has a row" \
        check "$H2X_SRCDIR" --rfc "$H2X_RFC"
else
    skip "no texts of the RFCs (H2X_RFC)"
fi
plan
