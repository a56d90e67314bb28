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

# report TEXT FINDER: one test that the finder has nothing to say.
report()
{
    found=$("$2")
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

find_unlicensed()
{
    for file in $sources $scripts; do
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
            echo "$file"
    done
}

# In characters: mawk counts octets, so continuation octets are cut first.
find_wide()
{
    for file in $sources; do
        LC_ALL=C sed 's/[\x80-\xbf]//g' "$file" |
            awk -v file="$file" 'length > 80 { print file ":" NR }'
    done
}

tab=$(printf '\t')
find_tabs()
{
    grep -n "$tab" $sources /dev/null
}

find_blanks()
{
    grep -nE "[ $tab]+\$" $sources $scripts /dev/null
}

# A file may be longer if the exceptions say why.
find_long_files()
{
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
    done
}

# A function is what stands between a brace in column one and the next.
find_long_functions()
{
    for file in $sources; do
        awk -v file="$file" '
            /^\{/ { start = NR; head = last }
            /^[A-Za-z]/ { last = $0 }
            /^\}/ && start {
                if (NR - start - 1 > 70)
                    print file ":" start ": " NR - start - 1 " lines: " head
                start = 0
            }' "$file"
    done
}

find_machine_paths()
{
    grep -nE '(^|[^A-Za-z0-9_.$}/])/(work|root|home/[a-z])/' \
        $sources $scripts /dev/null
}

report "every file names its licence at its top" find_unlicensed
report "no line of C is longer than 80 columns" find_wide
report "no tab in C" find_tabs
report "no blank at a line's end" find_blanks
report "no file is too long" find_long_files
report "no function is longer than 70 lines" find_long_functions
report "no path of one machine" find_machine_paths
plan
