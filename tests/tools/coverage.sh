#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# coverage.sh BUILD - which lines of libh2core the unit tests and dialogues of
# a build with --enable-coverage run: a remark for each file that is not
# covered whole, with the lines that are not, and one test: of all lines at
# least $H2X_COVERAGE per cent (95).  docs/coverage.md says why some are left.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
least=${H2X_COVERAGE:-95}
gcov=${GCOV:-gcov}

cd "$1" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# What the compiler counted of one file; headers are left out.  Lines that a
# debugging macro or a table makes are the macro's.
for data in libh2core/src/.libs/libhc_la-*.gcda; do
    [ -f "$data" ] || continue
    "$gcov" -t -o libh2core/src/.libs "$data" 2>/dev/null
done >"$tmp/lines"

awk '
    function finish() {
        if (source != "" && all) {
            sum += all
            hit += all - missed
            printf "%5.1f %% of %4d lines  %s%s\n", 100 - 100 * missed / all,
                all, source, missed ? ", not: " list : ""
        }
        all = missed = 0
        list = ""
    }
    {
        colon = index($0, ":")
        count = substr($0, 1, colon - 1)
        rest = substr($0, colon + 1)
        number = rest + 0
        text = substr(rest, index(rest, ":") + 1)
        gsub(/ /, "", count)
    }
    number == 0 && text ~ /^Source:/ {
        finish()
        source = text
        sub(/^Source:.*\//, "", source)
        if (source !~ /\.c$/)
            source = ""
        next
    }
    number == 0 || source == "" || count == "-" { next }
    { all++ }
    count ~ /^[#=]/ { missed++; list = list " " number }
    END {
        finish()
        printf "%.2f %% of %d lines\n", sum ? 100 * hit / sum : 0, sum
    }' "$tmp/lines" >"$tmp/sums"
grep ', not:' "$tmp/sums" | sort -n | diag
total=$(tail -n 1 "$tmp/sums")
echo "# $total"
try "$total are run, of at least $least %" \
    awk -v have="${total%% *}" -v least="$least" 'BEGIN { exit have < least }'
plan
