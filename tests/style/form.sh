#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# form.sh - the form of sources that a reader should not have to watch for:
# licence line, 80 columns, no tabs, sizes of files and functions, and no
# path of somebody's machine.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
cd "$H2X_SRCDIR" || exit 1
exceptions=tests/style/size_exceptions.txt

sources=$(find libh2core mod_h2x tools tests examples bench t \
    \( -name '*.c' -o -name '*.h' -o -name '*.h.in' \) -type f 2>/dev/null |
    sort)
scripts=$(find check demo .ci apxs tests bench t tools \
    \( -name '*.sh' -o -name '*.py' -o -name '*.pl' -o -name '*.pm' \
    -o -name '*.t' -o -name check -o -name demo -o -name run \) \
    -type f 2>/dev/null | sort)

# report TEXT: one test that standard input is empty.
report()
{
    found=$(cat)
    if [ -z "$found" ]; then
        ok "$1"
    else
        not_ok "$1"
        printf '%s\n' "$found" | head -n 40 | diag
    fi
}

if [ "$(echo "$sources" | wc -l)" -gt 10 ]; then
    ok "sources are found"
else
    not_ok "sources are found"
fi

for file in $sources $scripts; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
        echo "$file"
done | report "every file names its licence at its top"

# In characters, not octets; mawk counts octets, so other text is cut first.
for file in $sources; do
    LC_ALL=C sed 's/[\x80-\xbf]//g' "$file" |
        awk -v file="$file" 'length > 80 { print file ":" NR }'
done | report "no line of C is longer than 80 columns"

tab=$(printf '\t')
grep -n "$tab" $sources /dev/null | report "no tab in C"
grep -nE ' +$' $sources $scripts /dev/null | report "no blank at a line's end"

# A file may be longer if the exceptions say why.
for file in $sources; do
    case $file in
    libh2core/include/*) most=1200 ;;
    *.h) most=300 ;;
    *) most=800 ;;
    esac
    lines=$(wc -l <"$file")
    [ "$lines" -le "$most" ] ||
        grep -q "^$file:" "$exceptions" 2>/dev/null ||
        echo "$file: $lines lines, at most $most"
done | report "no file is too long"

# A function is what stands between a brace in column one and the next.
for file in $sources; do
    case $file in
    *.c)
        awk -v file="$file" '
            /^\{/ { start = NR; head = last }
            /^[A-Za-z]/ { last = $0 }
            /^\}/ && start {
                if (NR - start - 1 > 70)
                    print file ":" start ": " NR - start - 1 " lines: " head
                start = 0
            }' "$file"
        ;;
    esac
done | report "no function is longer than 70 lines"

grep -nE '(^|[^A-Za-z0-9_.$}/])/(work|root|home/[a-z])/' \
    $sources $scripts /dev/null |
    report "no path of one machine"
plan
