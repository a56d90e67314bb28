# SPDX-License-Identifier: Apache-2.0
#
# Tests of `make check`: unit (cmocka programs), wire (dialogues against the
# library in memory), style (scripts).  All of them speak TAP.

TEST_LIB_SOURCES = \
	%D%/lib/feed.c \
	%D%/lib/guard.c \
	%D%/lib/hpack_util.c \
	%D%/lib/mem_fault.c \
	%D%/lib/story.c \
	%D%/lib/talk.c \
	%D%/lib/case.h \
	%D%/lib/feed.h \
	%D%/lib/guard.h \
	%D%/lib/hpack_util.h \
	%D%/lib/mem_fault.h \
	%D%/lib/story.h \
	%D%/lib/talk.h

UNIT_NAMES = \
	%D%/unit/test_buf \
	%D%/unit/test_err \
	%D%/unit/test_frame_def \
	%D%/unit/test_frame_parse \
	%D%/unit/test_frame_text \
	%D%/unit/test_frame_vectors \
	%D%/unit/test_frame_write \
	%D%/unit/test_hpack_dec \
	%D%/unit/test_hpack_enc \
	%D%/unit/test_hpack_huff \
	%D%/unit/test_hpack_int \
	%D%/unit/test_hpack_rfc \
	%D%/unit/test_hpack_static \
	%D%/unit/test_hpack_stories \
	%D%/unit/test_hpack_table \
	%D%/unit/test_session_send

# -- unit begin
%C%_unit_test_buf_SOURCES = %D%/unit/test_buf.c
%C%_unit_test_err_SOURCES = %D%/unit/test_err.c
%C%_unit_test_frame_def_SOURCES = %D%/unit/test_frame_def.c
%C%_unit_test_frame_parse_SOURCES = %D%/unit/test_frame_parse.c
%C%_unit_test_frame_text_SOURCES = %D%/unit/test_frame_text.c
%C%_unit_test_frame_vectors_SOURCES = %D%/unit/test_frame_vectors.c
%C%_unit_test_frame_write_SOURCES = %D%/unit/test_frame_write.c
%C%_unit_test_hpack_dec_SOURCES = %D%/unit/test_hpack_dec.c
%C%_unit_test_hpack_enc_SOURCES = %D%/unit/test_hpack_enc.c
%C%_unit_test_hpack_huff_SOURCES = %D%/unit/test_hpack_huff.c
%C%_unit_test_hpack_int_SOURCES = %D%/unit/test_hpack_int.c
%C%_unit_test_hpack_rfc_SOURCES = %D%/unit/test_hpack_rfc.c
%C%_unit_test_hpack_static_SOURCES = %D%/unit/test_hpack_static.c
%C%_unit_test_hpack_stories_SOURCES = %D%/unit/test_hpack_stories.c
%C%_unit_test_hpack_table_SOURCES = %D%/unit/test_hpack_table.c
%C%_unit_test_session_send_SOURCES = %D%/unit/test_session_send.c
# -- unit end

# For every program that does not say otherwise.
AM_CPPFLAGS = $(CORE_CPPFLAGS) -iquote $(top_srcdir)/%D%/lib -D_GNU_SOURCE
LDADD = %D%/libtest.la libh2core/libhc.la $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_LTLIBRARIES += %D%/libtest.la
%C%_libtest_la_SOURCES = $(TEST_LIB_SOURCES)
UNIT_TESTS = $(UNIT_NAMES)
check_PROGRAMS += $(UNIT_NAMES)
endif

STYLE_TESTS = \
	%D%/style/symbols.sh \
	%D%/style/headers.sh \
	%D%/style/layers.sh \
	%D%/style/form.sh \
	%D%/style/gen.sh \
	%D%/style/counting.sh \
	%D%/style/readme.sh

WIRE_TESTS = %D%/wire/run.sh %D%/wire/faults.sh

TESTS += $(UNIT_TESTS) $(WIRE_TESTS) $(STYLE_TESTS)
EXTRA_DIST += $(STYLE_TESTS) %D%/style/layers.txt \
	%D%/style/size_exceptions.txt %D%/tap.sh \
	%D%/tap-count.awk %D%/harness-tap.awk %D%/parts %D%/wire
