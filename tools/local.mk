# SPDX-License-Identifier: Apache-2.0
#
# tools: h2play plays dialogues; the rest are scripts of developers.  None is
# installed.

H2PLAY_SOURCES = \
	%D%/h2play.c \
	%D%/h2play_acts.c \
	%D%/h2play_app.c \
	%D%/h2play_build.c \
	%D%/h2play_line.c \
	%D%/h2play_match.c \
	%D%/h2play_memory.c \
	%D%/h2play_receive.c \
	%D%/h2play_run.c \
	%D%/h2play_script.c \
	%D%/h2play_socket.c \
	%D%/h2play_told.c \
	%D%/h2play_util.c \
	%D%/h2play_acts.h \
	%D%/h2play_app.h \
	%D%/h2play_frame.h \
	%D%/h2play_line.h \
	%D%/h2play_peer.h \
	%D%/h2play_receive.h \
	%D%/h2play_run.h \
	%D%/h2play_script.h \
	%D%/h2play_told.h \
	%D%/h2play_util.h \
	tests/lib/mem_fault.c \
	tests/lib/mem_fault.h

noinst_PROGRAMS += %D%/h2play
%C%_h2play_SOURCES = $(H2PLAY_SOURCES)
%C%_h2play_CPPFLAGS = $(CORE_CPPFLAGS) -iquote $(srcdir)/%D% \
	-iquote $(top_srcdir)/tests/lib \
	$(H2PLAY_TLS_CPPFLAGS) -D_GNU_SOURCE
%C%_h2play_LDADD = libh2core/libhc.la $(H2PLAY_TLS_LIBS)

EXTRA_DIST += %D%/gen_tables.py %D%/gen_docs.py %D%/gen_compliance.py
