# SPDX-License-Identifier: Apache-2.0
#
# apxs.m4 - ask apxs about the httpd to build for.
#
# H2X_PROG_APXS
# Options: --with-apxs[=PATH], --with-httpd-libexecdir=DIR.
# Sets and substitutes
#   APXS             the program, or empty
#   HTTPD            the server binary, or empty
#   HTTPD_CPPFLAGS   -D and -isystem switches for httpd, APR and APR-util:
#                    system includes, since their headers are not ours to warn
#                    about
#   APR_LIBS         what a program links to use APR: unit tests do
#   httpd_libexecdir where modules are installed
# and the automake conditional HAVE_APXS.
# apxs is asked for nothing else: prefix, libdir, CC and CFLAGS are the user's.

AC_DEFUN([H2X_PROG_APXS],
[AC_ARG_WITH([apxs],
  [AS_HELP_STRING([--with-apxs@<:@=PATH@:>@],
    [build mod_h2x with this apxs (default: the one in PATH; without: the
     library alone)])],
  [], [with_apxs=maybe])
AC_ARG_WITH([httpd-libexecdir],
  [AS_HELP_STRING([--with-httpd-libexecdir=DIR],
    [install mod_h2x.so there (default: what apxs says)])],
  [], [with_httpd_libexecdir=])

APXS=
AS_CASE([$with_apxs],
  [no], [],
  [yes|maybe], [AC_PATH_PROGS([APXS], [apxs apxs2], [],
    [$PATH$PATH_SEPARATOR/usr/sbin$PATH_SEPARATOR/usr/local/apache2/bin])],
  [APXS=$with_apxs])
have_apxs=no
HTTPD=
HTTPD_CPPFLAGS=
APR_LIBS=
httpd_version=
httpd_libexecdir=$with_httpd_libexecdir
AS_IF([test -n "$APXS"],
  [AC_MSG_CHECKING([what $APXS says of httpd])
  h2x_includedir=`"$APXS" -q INCLUDEDIR 2>/dev/null`
  AS_IF([test -n "$h2x_includedir"],
    [H2X_ASK_APXS
    AC_MSG_RESULT([${httpd_version:-headers in $h2x_includedir}])],
    [AC_MSG_RESULT([nothing])])])
AS_IF([test "x$have_apxs" = xno && test "x$with_apxs" != xmaybe &&
       test "x$with_apxs" != xno],
  [AC_MSG_ERROR([--with-apxs=$with_apxs: no working apxs there])])
AS_IF([test "x$have_apxs" = xno], [APXS=])
AC_SUBST([APXS])
AC_SUBST([HTTPD])
AC_SUBST([HTTPD_CPPFLAGS])
AC_SUBST([APR_LIBS])
AC_SUBST([httpd_libexecdir])
AM_CONDITIONAL([HAVE_APXS], [test "x$have_apxs" = xyes])])

# The questions themselves; an apr-config that is missing ends in have_apxs=no.
AC_DEFUN([H2X_ASK_APXS],
[h2x_apr_config=`"$APXS" -q APR_CONFIG 2>/dev/null`
h2x_apu_config=`"$APXS" -q APU_CONFIG 2>/dev/null`
AS_IF([test -x "$h2x_apr_config"],
  [have_apxs=yes
  HTTPD_CPPFLAGS="-isystem $h2x_includedir"
  for h2x_flag in `"$APXS" -q EXTRA_CPPFLAGS` \
      `"$h2x_apr_config" --cppflags --includes` \
      `test -x "$h2x_apu_config" && "$h2x_apu_config" --includes`; do
    # -isystem of a folder the compiler searches anyway breaks the order of
    # its own headers.
    AS_CASE([$h2x_flag],
      [-I.|-I/usr/include|-I/usr/local/include], [continue],
      [-I*], [h2x_flag="-isystem `AS_ECHO(["$h2x_flag"]) | sed 's/^-I//'`"],
      [-D*], [],
      [continue])
    AS_CASE([" $HTTPD_CPPFLAGS "], [*" $h2x_flag "*], [],
      [HTTPD_CPPFLAGS="$HTTPD_CPPFLAGS $h2x_flag"])
  done
  APR_LIBS=`"$h2x_apr_config" --link-ld --libs`
  h2x_sbindir=`"$APXS" -q SBINDIR 2>/dev/null`
  h2x_progname=`"$APXS" -q PROGNAME 2>/dev/null`
  AS_IF([test -x "$h2x_sbindir/$h2x_progname"],
    [HTTPD=$h2x_sbindir/$h2x_progname
    httpd_version=`"$HTTPD" -v 2>/dev/null |
      sed -n 's/^Server version: //p'`])
  AS_IF([test -z "$httpd_libexecdir"],
    [httpd_libexecdir=`"$APXS" -q LIBEXECDIR`])])])
