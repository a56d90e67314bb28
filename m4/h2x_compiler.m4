# SPDX-License-Identifier: Apache-2.0
#
# h2x_compiler.m4 - what is asked of the compiler and the linker: language
# standard, warnings, sanitizers, symbol map; and the libraries of tests.
# Results are substituted into Makefile.am; CFLAGS and LDFLAGS stay the user's,
# but for sanitizers and coverage, which every object needs.

# H2X_ARG_SWITCH(NAME, DEFAULT, HELP)
# --enable-NAME / --disable-NAME, as enable_NAME = yes | no.
AC_DEFUN([H2X_ARG_SWITCH],
[AC_ARG_ENABLE([$1],
  [m4_if([$2], [yes],
    [AS_HELP_STRING([--disable-$1], [do not $3])],
    [AS_HELP_STRING([--enable-$1], [$3])])],
  [AS_CASE([$enableval], [yes|no], [],
    [AC_MSG_ERROR([--enable-$1 takes yes or no, not "$enableval"])])],
  [m4_translit([enable_$1], [-], [_])=$2])])

# H2X_IF_CFLAG(FLAG, IF-TAKEN, IF-NOT)
# Unknown -W switches must be errors for the test: clang only warns by default.
AC_DEFUN([H2X_IF_CFLAG],
[AS_VAR_PUSHDEF([cache], [h2x_cv_cflag_$1])dnl
AC_CACHE_CHECK([whether $CC takes $1], [cache],
  [h2x_saved_CFLAGS=$CFLAGS
  CFLAGS="$h2x_unknown_is_error $CFLAGS $1"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
  CFLAGS=$h2x_saved_CFLAGS])
AS_VAR_IF([cache], [yes], [$2], [$3])
AS_VAR_POPDEF([cache])dnl
])

# H2X_C_STANDARD
# The core is plain C11; httpd's headers need the GNU dialect of it.
AC_DEFUN([H2X_C_STANDARD],
[H2X_IF_CFLAG([-std=c11], [C11_CFLAGS=-std=c11],
  [AC_MSG_ERROR([a C11 compiler is needed])])
H2X_IF_CFLAG([-std=gnu11], [GNU11_CFLAGS=-std=gnu11])
H2X_IF_CFLAG([-fvisibility=hidden],
  [HIDDEN_CFLAGS=-fvisibility=hidden])
AC_SUBST([C11_CFLAGS])
AC_SUBST([GNU11_CFLAGS])
AC_SUBST([HIDDEN_CFLAGS])])

# H2X_C_WARNINGS
AC_DEFUN([H2X_C_WARNINGS],
[h2x_unknown_is_error=
H2X_IF_CFLAG([-Werror=unknown-warning-option],
  [h2x_unknown_is_error=-Werror=unknown-warning-option])
H2X_WARN_CFLAGS=
m4_foreach_w([flag], [-Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wvla -Wundef
    -Wcast-align -Wwrite-strings -Wformat=2 -Wimplicit-fallthrough],
  [H2X_IF_CFLAG(flag, [H2X_WARN_CFLAGS="$H2X_WARN_CFLAGS flag"])])
# Instrumented code shows gcc paths to NULL that no source line takes.
AS_IF([test "x$enable_sanitize" = xno && test "x$enable_coverage" = xno],
  [H2X_IF_CFLAG([-Wnull-dereference],
    [H2X_WARN_CFLAGS="$H2X_WARN_CFLAGS -Wnull-dereference"])])
AS_IF([test "x$enable_werror" = xyes],
  [H2X_WARN_CFLAGS="$H2X_WARN_CFLAGS -Werror"])
AC_SUBST([H2X_WARN_CFLAGS])])

# H2X_SANITIZERS
AC_DEFUN([H2X_SANITIZERS],
[AS_IF([test "x$enable_sanitize" != xno],
  [H2X_IF_CFLAG([-fsanitize=$enable_sanitize], [],
    [AC_MSG_ERROR([$CC does not take -fsanitize=$enable_sanitize])])
  CFLAGS="$CFLAGS -fsanitize=$enable_sanitize -fno-omit-frame-pointer"
  CFLAGS="$CFLAGS -fno-sanitize-recover=all"
  LDFLAGS="$LDFLAGS -fsanitize=$enable_sanitize"])
AS_IF([test "x$enable_coverage" = xyes],
  [CFLAGS="$CFLAGS --coverage -O0"
  LDFLAGS="$LDFLAGS --coverage"])
FUZZ_CFLAGS=
AS_IF([test "x$enable_fuzz" = xyes],
  [H2X_IF_CFLAG([-fsanitize=fuzzer-no-link],
    [FUZZ_CFLAGS=-fsanitize=fuzzer-no-link],
    [AC_MSG_ERROR([--enable-fuzz needs clang (CC=clang)])])])
AC_SUBST([FUZZ_CFLAGS])
AM_CONDITIONAL([ENABLE_FUZZ], [test "x$enable_fuzz" = xyes])
AM_CONDITIONAL([ENABLE_SANITIZE], [test "x$enable_sanitize" != xno])
AC_SUBST([enable_sanitize])])

# H2X_VERSION_SCRIPT
AC_DEFUN([H2X_VERSION_SCRIPT],
[AC_CACHE_CHECK([whether the linker takes a symbol map],
  [h2x_cv_version_script],
  [AS_ECHO(["H2X_1 { global: main; local: *; };"]) > conftest.map
  h2x_saved_LDFLAGS=$LDFLAGS
  LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [h2x_cv_version_script=yes], [h2x_cv_version_script=no])
  LDFLAGS=$h2x_saved_LDFLAGS
  rm -f conftest.map])
# A shared library that wants symbols nobody has shall not link; sanitizers'
# own are only there in the program.
NO_UNDEFINED_LDFLAGS=
AS_IF([test "x$enable_sanitize" = xno && test "x$enable_coverage" = xno],
  [H2X_IF_CFLAG([-Wl,-z,defs], [NO_UNDEFINED_LDFLAGS=-Wl,-z,defs])])
AC_SUBST([NO_UNDEFINED_LDFLAGS])
AM_CONDITIONAL([HAVE_VERSION_SCRIPT],
  [test "x$h2x_cv_version_script" = xyes])])

# H2X_CMOCKA
AC_DEFUN([H2X_CMOCKA],
[have_cmocka=no
CMOCKA_LIBS=
AC_CHECK_HEADER([cmocka.h],
  [AC_CHECK_LIB([cmocka], [_cmocka_run_group_tests],
    [have_cmocka=yes
    CMOCKA_LIBS=-lcmocka])], [],
  [#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>])
AC_SUBST([CMOCKA_LIBS])
AM_CONDITIONAL([HAVE_CMOCKA], [test "x$have_cmocka" = xyes])])

# H2X_OPENSSL
# Only h2play uses it, to play dialogues over TLS.
AC_DEFUN([H2X_OPENSSL],
[have_openssl=no
H2PLAY_TLS_CPPFLAGS=
H2PLAY_TLS_LIBS=
AC_CHECK_HEADER([openssl/ssl.h],
  [AC_CHECK_LIB([ssl], [SSL_CTX_new],
    [have_openssl=yes
    H2PLAY_TLS_CPPFLAGS=-DH2PLAY_TLS
    H2PLAY_TLS_LIBS="-lssl -lcrypto"], [], [-lcrypto])])
AC_SUBST([H2PLAY_TLS_CPPFLAGS])
AC_SUBST([H2PLAY_TLS_LIBS])])
