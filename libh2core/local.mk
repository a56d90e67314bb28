# SPDX-License-Identifier: Apache-2.0
#
# libh2core: all code goes into the convenience library libhc.la, whose hidden
# symbols tests and tools can reach; libh2core.so is that with a symbol map.

CORE_PUBLIC = \
	%D%/include/h2core/frame.h \
	%D%/include/h2core/h2core.h \
	%D%/include/h2core/hpack.h \
	%D%/include/h2core/types.h
CORE_TABLES = \
	%D%/include/h2core/tables/errors.def \
	%D%/include/h2core/tables/frames.def \
	%D%/include/h2core/tables/limits.def \
	%D%/include/h2core/tables/reasons.def \
	%D%/include/h2core/tables/settings.def \
	%D%/include/h2core/tables/stats.def \
	%D%/include/h2core/tables/tokens.def
CORE_SPEC = \
	%D%/spec/hpack_huffman.txt \
	%D%/spec/hpack_static.txt \
	%D%/spec/musts.tsv \
	%D%/spec/pseudo.def \
	%D%/spec/stream_states.def \
	%D%/gen/field_chars.inc \
	%D%/gen/hpack_static.inc \
	%D%/gen/huff_dec.inc \
	%D%/gen/huff_enc.inc \
	%D%/gen/tokens.inc

CORE_SOURCES = \
	%D%/src/api_frame.c \
	%D%/src/api_hpack.c \
	%D%/src/api_session.c \
	%D%/src/hc_budget.c \
	%D%/src/hc_buf.c \
	%D%/src/hc_early.c \
	%D%/src/hc_err.c \
	%D%/src/hc_flow.c \
	%D%/src/hc_frame_def.c \
	%D%/src/hc_frame_parse.c \
	%D%/src/hc_frame_write.c \
	%D%/src/hc_header_block.c \
	%D%/src/hc_hpack_dec.c \
	%D%/src/hc_hpack_enc.c \
	%D%/src/hc_hpack_huff.c \
	%D%/src/hc_hpack_index.c \
	%D%/src/hc_hpack_int.c \
	%D%/src/hc_hpack_literal.c \
	%D%/src/hc_hpack_look.c \
	%D%/src/hc_hpack_policy.c \
	%D%/src/hc_hpack_prepared.c \
	%D%/src/hc_hpack_static.c \
	%D%/src/hc_hpack_table.c \
	%D%/src/hc_limits.c \
	%D%/src/hc_mem.c \
	%D%/src/hc_message.c \
	%D%/src/hc_origin.c \
	%D%/src/hc_priority.c \
	%D%/src/hc_sched.c \
	%D%/src/hc_session.c \
	%D%/src/hc_session_begin.c \
	%D%/src/hc_session_block.c \
	%D%/src/hc_session_check.c \
	%D%/src/hc_session_event.c \
	%D%/src/hc_session_extra.c \
	%D%/src/hc_session_frame.c \
	%D%/src/hc_session_plan.c \
	%D%/src/hc_session_recv.c \
	%D%/src/hc_session_send.c \
	%D%/src/hc_session_stats.c \
	%D%/src/hc_session_stream.c \
	%D%/src/hc_session_trace.c \
	%D%/src/hc_session_window.c \
	%D%/src/hc_session_write.c \
	%D%/src/hc_settings.c \
	%D%/src/hc_stream.c \
	%D%/src/hc_stream_ids.c \
	%D%/src/hc_stream_state.c \
	%D%/src/hc_text.c \
	%D%/src/hc_text_frame.c \
	%D%/src/hc_text_line.c \
	%D%/src/hc_text_read.c \
	%D%/src/hc_base.h \
	%D%/src/hc_budget.h \
	%D%/src/hc_buf.h \
	%D%/src/hc_chars.h \
	%D%/src/hc_early.h \
	%D%/src/hc_err.h \
	%D%/src/hc_flow.h \
	%D%/src/hc_frame_def.h \
	%D%/src/hc_frame_parse.h \
	%D%/src/hc_frame_write.h \
	%D%/src/hc_header_block.h \
	%D%/src/hc_hpack_dec.h \
	%D%/src/hc_hpack_enc.h \
	%D%/src/hc_hpack_huff.h \
	%D%/src/hc_hpack_index.h \
	%D%/src/hc_hpack_int.h \
	%D%/src/hc_hpack_literal.h \
	%D%/src/hc_hpack_look.h \
	%D%/src/hc_hpack_policy.h \
	%D%/src/hc_hpack_prepared.h \
	%D%/src/hc_hpack_static.h \
	%D%/src/hc_hpack_table.h \
	%D%/src/hc_limits.h \
	%D%/src/hc_mem.h \
	%D%/src/hc_message.h \
	%D%/src/hc_origin.h \
	%D%/src/hc_sched.h \
	%D%/src/hc_session.h \
	%D%/src/hc_session_plan.h \
	%D%/src/hc_settings.h \
	%D%/src/hc_stream.h \
	%D%/src/hc_stream_ids.h \
	%D%/src/hc_stream_state.h \
	%D%/src/hc_text.h \
	%D%/src/hc_text_frame.h \
	%D%/src/hc_text_line.h \
	%D%/src/hc_text_read.h

h2coreincludedir = $(includedir)/h2core
h2coretablesdir = $(includedir)/h2core/tables
h2coreinclude_HEADERS = $(CORE_PUBLIC)
nodist_h2coreinclude_HEADERS = %D%/include/h2core/version.h
h2coretables_HEADERS = $(CORE_TABLES)

noinst_LTLIBRARIES += %D%/libhc.la
%C%_libhc_la_SOURCES = $(CORE_SOURCES) $(CORE_SPEC)
%C%_libhc_la_CPPFLAGS = $(CORE_CPPFLAGS)
%C%_libhc_la_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS) $(HIDDEN_CFLAGS) \
	$(FUZZ_CFLAGS)

lib_LTLIBRARIES += %D%/libh2core.la
%C%_libh2core_la_SOURCES =
%C%_libh2core_la_LIBADD = %D%/libhc.la
%C%_libh2core_la_LDFLAGS = -no-undefined $(NO_UNDEFINED_LDFLAGS) \
	-version-info $(H2CORE_LT)
if HAVE_VERSION_SCRIPT
%C%_libh2core_la_LDFLAGS += \
	-Wl,--version-script=$(top_srcdir)/%D%/libh2core.map
endif
EXTRA_%C%_libh2core_la_DEPENDENCIES = %D%/libh2core.map

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/h2core.pc

EXTRA_DIST += %D%/libh2core.map
