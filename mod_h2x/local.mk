# SPDX-License-Identifier: Apache-2.0
#
# mod_h2x.so: one symbol out, httpd's functions in.  The core comes out of
# libhc.la, or with --disable-bundled from libh2core.so.  mod_h2x_compat.so is
# the same by mod_http2's names.

MODULE_SOURCES = \
	%D%/h2x_config.c \
	%D%/h2x_conn.c \
	%D%/h2x_diary.c \
	%D%/h2x_dispatch.c \
	%D%/h2x_fifo.c \
	%D%/h2x_filter.c \
	%D%/h2x_fork.c \
	%D%/h2x_handover.c \
	%D%/h2x_hints.c \
	%D%/h2x_io.c \
	%D%/h2x_learned.c \
	%D%/h2x_limits.c \
	%D%/h2x_link.c \
	%D%/h2x_lists.c \
	%D%/h2x_log.c \
	%D%/h2x_logio.c \
	%D%/h2x_optional.c \
	%D%/h2x_pipe.c \
	%D%/h2x_port.c \
	%D%/h2x_push.c \
	%D%/h2x_rates.c \
	%D%/h2x_rates_conf.c \
	%D%/h2x_records.c \
	%D%/h2x_request.c \
	%D%/h2x_reserve.c \
	%D%/h2x_response.c \
	%D%/h2x_score.c \
	%D%/h2x_session.c \
	%D%/h2x_slot.c \
	%D%/h2x_stream.c \
	%D%/h2x_switch.c \
	%D%/h2x_tls.c \
	%D%/h2x_unsent.c \
	%D%/h2x_upgrade.c \
	%D%/h2x_vars.c \
	%D%/h2x_void.c \
	%D%/h2x_wait.c \
	%D%/h2x_wake.c \
	%D%/h2x_workers.c \
	%D%/mod_h2x.c \
	%D%/h2x.h \
	%D%/h2x_config.h \
	%D%/h2x_conn.h \
	%D%/h2x_diary.h \
	%D%/h2x_dispatch.h \
	%D%/h2x_fifo.h \
	%D%/h2x_filter.h \
	%D%/h2x_fork.h \
	%D%/h2x_handover.h \
	%D%/h2x_hints.h \
	%D%/h2x_hooks.h \
	%D%/h2x_io.h \
	%D%/h2x_learned.h \
	%D%/h2x_limits.h \
	%D%/h2x_link.h \
	%D%/h2x_lists.h \
	%D%/h2x_log.h \
	%D%/h2x_logio.h \
	%D%/h2x_optional.h \
	%D%/h2x_pipe.h \
	%D%/h2x_port.h \
	%D%/h2x_push.h \
	%D%/h2x_rates.h \
	%D%/h2x_rates_conf.h \
	%D%/h2x_records.h \
	%D%/h2x_request.h \
	%D%/h2x_reserve.h \
	%D%/h2x_response.h \
	%D%/h2x_score.h \
	%D%/h2x_session.h \
	%D%/h2x_slot.h \
	%D%/h2x_stream.h \
	%D%/h2x_switch.h \
	%D%/h2x_tls.h \
	%D%/h2x_unsent.h \
	%D%/h2x_upgrade.h \
	%D%/h2x_vars.h \
	%D%/h2x_void.h \
	%D%/h2x_wait.h \
	%D%/h2x_wake.h \
	%D%/h2x_workers.h \
	%D%/directives.def \
	%D%/limits.inc

MODULE_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS) $(HTTPD_CPPFLAGS) \
	$(OLDEST_API_CPPFLAGS)
# The rings in APR's headers cast char pointers, and clang says so where the
# macro stands.
MODULE_CFLAGS = $(AM_CFLAGS) -Wno-cast-align
MODULE_LDFLAGS = -module -avoid-version -shared -export-symbols-regex

if HAVE_APXS
httpdmodulesdir = $(httpd_libexecdir)
httpdmodules_LTLIBRARIES = %D%/mod_h2x.la %D%/mod_h2x_compat.la

%C%_mod_h2x_la_SOURCES = $(MODULE_SOURCES)
%C%_mod_h2x_la_CPPFLAGS = $(MODULE_CPPFLAGS)
%C%_mod_h2x_la_CFLAGS = $(MODULE_CFLAGS)
%C%_mod_h2x_la_LDFLAGS = $(MODULE_LDFLAGS) '^h2x_module$$'
%C%_mod_h2x_la_LIBADD = $(MODULE_CORE)

%C%_mod_h2x_compat_la_SOURCES = $(MODULE_SOURCES) %D%/compat/mod_http2.c
%C%_mod_h2x_compat_la_CPPFLAGS = $(MODULE_CPPFLAGS) -DH2X_COMPAT \
	-iquote $(srcdir)/%D%
%C%_mod_h2x_compat_la_CFLAGS = $(MODULE_CFLAGS)
%C%_mod_h2x_compat_la_LDFLAGS = $(MODULE_LDFLAGS) '^http2_module$$'
%C%_mod_h2x_compat_la_LIBADD = $(MODULE_CORE)

if BUNDLED
MODULE_CORE = libh2core/libhc.la
else
MODULE_CORE = libh2core/libh2core.la

# libtool relinks the modules with the installed libh2core.so.  By its name
# written out, automake would take this for a rule in place of its own.
module_install_target = install-httpdmodulesLTLIBRARIES
$(module_install_target): install-libLTLIBRARIES
endif

# httpd loads the .so by name; a .la in its folder only confuses.
install-data-hook:
	rm -f '$(DESTDIR)$(httpdmodulesdir)/mod_h2x.la' \
	  '$(DESTDIR)$(httpdmodulesdir)/mod_h2x_compat.la'
uninstall-hook:
	rm -f '$(DESTDIR)$(httpdmodulesdir)/mod_h2x.so' \
	  '$(DESTDIR)$(httpdmodulesdir)/mod_h2x_compat.so'
endif
