#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# build.sh - build and install mod_h2x with apxs alone, no autotools.
#
#   apxs/build.sh [-S LIBEXECDIR=FOLDER]
#   apxs/build.sh --no-install [--compat] [FILE.so]
#
# Installs mod_h2x.so, and mod_h2x_compat.so which is the same by the name of
# mod_http2, into httpd's module folder, or into the one given with -S, or
# under $DESTDIR.  With --no-install one of them only is built, as ./mod_h2x.so
# (./mod_h2x_compat.so) or FILE.so.  APXS names the apxs to use, CFLAGS adds to
# the compiler's options.  The core is compiled into the modules.  httpd's
# configuration is not touched: add one of the LoadModule lines that are
# printed at the end.

set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
apxs=${APXS:-apxs}
install=yes
modules='h2x h2x_compat'
libexecdir=
target=
compat=

usage()
{
    sed -n '5,8s/^# *//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --no-install) install=no ;;
    --compat) compat=yes ;;
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

case $install$compat$target in
no) modules=h2x ;;
noyes*) modules=h2x_compat ;;
no*) modules=h2x ;;
yes) ;;
*) usage ;;
esac

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

# build FILE SYMBOL WORDS...: FILE.la, whose record is SYMBOL.
build()
{
    file=$1
    symbol=$2
    shift 2
    for flag in ${CFLAGS:-}; do
        set -- "-Wc,$flag" "$@"
    done
    set -- -c -o "$file.la" -I libh2core/include \
        -Wc,-std=gnu11 -Wc,"-iquote libh2core/src" -Wc,"-iquote libh2core" \
        -Wc,"-iquote mod_h2x" -Wl,"-export-symbols-regex '^$symbol\$'" "$@"
    if [ "$install" = yes ]; then
        mkdir -p "$libexecdir"
        set -- -i -n "${symbol%_module}" -S "LIBEXECDIR=$libexecdir" "$@"
    fi
    "$apxs" "$@"
}

# The core's objects are the same in both.
core='libh2core/src/*.c'
for name in $modules; do
    case $name in
    h2x) build mod_h2x h2x_module mod_h2x/*.c $core ;;
    *) build mod_h2x_compat http2_module -DH2X_COMPAT mod_h2x/*.c \
        mod_h2x/compat/*.c $core ;;
    esac
    core='libh2core/src/*.lo'
done

if [ "$install" = yes ]; then
    rm -f "$libexecdir/mod_h2x.la" "$libexecdir/mod_h2x_compat.la"
    echo "installed: LoadModule h2x_module $libexecdir/mod_h2x.so"
    echo "       or: LoadModule http2_module $libexecdir/mod_h2x_compat.so"
else
    cd "$OLDPWD"
    cp "$tmp/.libs/mod_$modules.so" "${target:-mod_$modules.so}"
    echo "built: ${target:-mod_$modules.so}"
fi
