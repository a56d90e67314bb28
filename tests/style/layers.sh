#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# layers.sh - who includes whom.
#
# In the core: order of layers.txt, own headers by "quotes", of the C library
# only what needs no operating system.  Public headers: public headers.  The
# module: public headers of the core and of httpd, never the core's own.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
cd "$H2X_SRCDIR" || exit 1
order=tests/style/layers.txt
# Headers of the C library, and one of the compiler: emmintrin.h has SSE2.
libc='stdalign stdarg stdatomic stdbool stddef stdint stdlib string limits
    emmintrin'

# Lines "file include-as-written" of the files given.
list_includes()
{
    for file; do
        sed -n "s|^ *# *include *\([<\"][^>\"]*[>\"]\).*|$file \1|p" "$file"
    done
}

# A file hc_session_recv.c belongs to module hc_session: the longest listed
# name that the file's name is or begins with.
check_core()
{
    list_includes libh2core/src/*.[ch] | awk -v order="$order" \
        -v libc="$libc" '
        function module(file,    name) {
            name = file
            sub(/^.*\//, "", name)
            sub(/\.[ch]$/, "", name)
            while (name != "" && !(name in line))
                if (!sub(/_[^_]*$/, "", name))
                    name = ""
            return name
        }
        BEGIN {
            while ((getline text < order) > 0) {
                if (text ~ /^#/)
                    continue
                n++
                count = split(text, words, " ")
                for (i = 1; i <= count; i++)
                    line[words[i]] = n
            }
            count = split(libc, words, " ")
            for (i = 1; i <= count; i++)
                allowed["<" words[i] ".h>"] = 1
        }
        {
            own = module($1)
            if (own == "")
                print $1 ": stands not in " order
            else if ($2 ~ /^<h2core\//) {
            } else if ($2 ~ /^</) {
                if (!($2 in allowed))
                    print $1 ": includes " $2
            } else if ($2 ~ /^"(gen|spec)\//) {
            } else {
                gsub(/"/, "", $2)
                other = module($2)
                if (other == "")
                    print $1 ": includes " $2 ", which stands not in " order
                else if (other != own && line[other] >= line[own])
                    print $1 ": includes " $2 ", which is not below it"
            }
        }'
}

check_public()
{
    list_includes libh2core/include/h2core/*.h |
        grep -v -e ' <h2core/' -e ' <stdbool.h>' -e ' <stddef.h>' \
            -e ' <stdint.h>'
}

check_module()
{
    list_includes mod_h2x/*.[ch] 2>/dev/null |
        while read -r file header; do
            case $header in
            \"*)
                header=${header#?}
                [ -f "mod_h2x/${header%?}" ] ||
                    echo "$file: includes \"$header"
                ;;
            '<h2core/'*) ;;
            '<hc_'* | *'/hc_'*) echo "$file: includes $header" ;;
            esac
        done
}

# report TEXT FINDER: one test that the finder has nothing to say.
report()
{
    found=$("$2" | sort -u)
    if [ -z "$found" ]; then
        ok "$1"
    else
        not_ok "$1"
        printf '%s\n' "$found" | diag
    fi
}

if [ "$(list_includes libh2core/src/*.[ch] | wc -l)" -gt 10 ]; then
    ok "the core's includes are found"
else
    not_ok "the core's includes are found"
fi
report "the core includes downwards only" check_core
report "public headers include public headers only" check_public
report "the module sees the core's public headers only" check_module
plan
