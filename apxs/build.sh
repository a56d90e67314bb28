#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# build.sh - build and install mod_h2x with apxs alone, no autotools.
#
#   apxs/build.sh [--no-install] [-S LIBEXECDIR=FOLDER] [FILE.so]
#
# Installs into httpd's module folder, or into the one given with -S, or under
# $DESTDIR.  With --no-install the module only is built, as ./mod_h2x.so or
# FILE.so.  APXS names the apxs to use, CFLAGS adds to the compiler's options.
# The core is compiled into the module.  httpd's configuration is not touched:
# add the LoadModule line that is printed at the end.

set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
apxs=${APXS:-apxs}
install=yes
libexecdir=
target=

usage()
{
    sed -n '5,7s/^# *//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --no-install) install=no ;;
    -S)
        [ $# -gt 1 ] || usage
        shift
        case $1 in
        LIBEXECDIR=*) libexecdir=${1#LIBEXECDIR=} ;;
        *) usage ;;
        esac
        ;;
    *.so) target=$1 ;;
    *) usage ;;
    esac
    shift
done

command -v "$apxs" >/dev/null || {
    echo "build.sh: $apxs not found (Debian: apt-get install apache2-dev)" >&2
    exit 1
}
[ -n "$libexecdir" ] || libexecdir=$("$apxs" -q LIBEXECDIR)
libexecdir=${DESTDIR:-}$libexecdir

# apxs puts objects beside sources: work on a copy.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cp -R "$root/libh2core" "$root/mod_h2x" "$tmp"
cd "$tmp"

# What configure would make.  AC_INIT is the one place of the version.
version=$(sed -n 's/^AC_INIT(\[h2x\], \[\([0-9.]*\)\].*/\1/p' \
    "$root/configure.ac")
major=${version%%.*}
minor=${version#*.}
minor=${minor%%.*}
sed -e "s/@PACKAGE_VERSION@/$version/" \
    -e "s/@H2CORE_VERSION_MAJOR@/$major/" \
    -e "s/@H2CORE_VERSION_MINOR@/$minor/" \
    -e "s/@H2CORE_VERSION_PATCH@/${version##*.}/" \
    libh2core/include/h2core/version.h.in >libh2core/include/h2core/version.h

set -- -c -o mod_h2x.la -I libh2core/include \
    -Wc,-std=gnu11 -Wc,"-iquote libh2core/src" -Wc,"-iquote libh2core"
for flag in ${CFLAGS:-}; do
    set -- "$@" "-Wc,$flag"
done
set -- "$@" -Wl,"-export-symbols-regex '^h2x_module\$'"
if [ "$install" = yes ]; then
    mkdir -p "$libexecdir"
    set -- -i -n h2x -S "LIBEXECDIR=$libexecdir" "$@"
fi
"$apxs" "$@" mod_h2x/*.c libh2core/src/*.c

if [ "$install" = yes ]; then
    rm -f "$libexecdir/mod_h2x.la"
    echo "installed: LoadModule h2x_module $libexecdir/mod_h2x.so"
else
    cd "$OLDPWD"
    cp "$tmp/.libs/mod_h2x.so" "${target:-mod_h2x.so}"
    echo "built: ${target:-mod_h2x.so}"
fi
