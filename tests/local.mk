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
	%D%/lib/gate.h \
	%D%/lib/guard.h \
	%D%/lib/hpack_util.h \
	%D%/lib/mem_fault.h \
	%D%/lib/story.h \
	%D%/lib/talk.h

UNIT_NAMES = \
	%D%/unit/test_base \
	%D%/unit/test_base_portable \
	%D%/unit/test_buf \
	%D%/unit/test_corners \
	%D%/unit/test_err \
	%D%/unit/test_fault \
	%D%/unit/test_fault_acts \
	%D%/unit/test_flow \
	%D%/unit/test_frame_def \
	%D%/unit/test_frame_parse \
	%D%/unit/test_frame_round \
	%D%/unit/test_frame_text \
	%D%/unit/test_frame_vectors \
	%D%/unit/test_frame_write \
	%D%/unit/test_hpack_dec \
	%D%/unit/test_hpack_enc \
	%D%/unit/test_hpack_huff \
	%D%/unit/test_hpack_int \
	%D%/unit/test_hpack_look \
	%D%/unit/test_hpack_peer \
	%D%/unit/test_hpack_prepared \
	%D%/unit/test_hpack_rfc \
	%D%/unit/test_hpack_static \
	%D%/unit/test_hpack_stories \
	%D%/unit/test_hpack_table \
	%D%/unit/test_limits \
	%D%/unit/test_message \
	%D%/unit/test_message_portable \
	%D%/unit/test_play_match \
	%D%/unit/test_origin \
	%D%/unit/test_rates \
	%D%/unit/test_sched \
	%D%/unit/test_session_bounds \
	%D%/unit/test_session_budget \
	%D%/unit/test_session_client \
	%D%/unit/test_session_credit \
	%D%/unit/test_session_depend \
	%D%/unit/test_session_drop \
	%D%/unit/test_session_extra \
	%D%/unit/test_session_forget \
	%D%/unit/test_session_frames \
	%D%/unit/test_session_hold \
	%D%/unit/test_session_looks \
	%D%/unit/test_session_prepared \
	%D%/unit/test_session_priority \
	%D%/unit/test_session_pair \
	%D%/unit/test_session_push \
	%D%/unit/test_session_query \
	%D%/unit/test_session_random \
	%D%/unit/test_session_recv \
	%D%/unit/test_session_send \
	%D%/unit/test_session_sent \
	%D%/unit/test_session_section \
	%D%/unit/test_session_stats \
	%D%/unit/test_session_threads \
	%D%/unit/test_session_trace \
	%D%/unit/test_session_upgrade \
	%D%/unit/test_session_window \
	%D%/unit/test_settings \
	%D%/unit/test_stream \
	%D%/unit/test_stream_state \
	%D%/unit/test_text_read

# Parts of the module that know APR only; most of them with threads.
MODULE_UNIT_NAMES = \
	%D%/unit/test_diary \
	%D%/unit/test_fifo \
	%D%/unit/test_learned \
	%D%/unit/test_link \
	%D%/unit/test_pipe \
	%D%/unit/test_pipe_threads \
	%D%/unit/test_wake \
	%D%/unit/test_wake_pipe \
	%D%/unit/test_workers

# Programs that replay the corpus of a fuzz target and mutations of it.
FUZZ_NAMES = \
	%D%/fuzz/fuzz_client \
	%D%/fuzz/fuzz_frame \
	%D%/fuzz/fuzz_hpack \
	%D%/fuzz/fuzz_hpack_fields \
	%D%/fuzz/fuzz_hpack_peer \
	%D%/fuzz/fuzz_octets \
	%D%/fuzz/fuzz_session
LIBFUZZER_NAMES = \
	%D%/fuzz/libfuzzer_client \
	%D%/fuzz/libfuzzer_frame \
	%D%/fuzz/libfuzzer_hpack \
	%D%/fuzz/libfuzzer_hpack_fields \
	%D%/fuzz/libfuzzer_hpack_peer \
	%D%/fuzz/libfuzzer_octets \
	%D%/fuzz/libfuzzer_session

# -- fuzz begin
FUZZ_RUN = %D%/fuzz/session_run.c %D%/fuzz/session_run.h
%C%_fuzz_fuzz_client_SOURCES = %D%/fuzz/fuzz_client.c $(FUZZ_RUN) \
	%D%/fuzz/standalone.c
%C%_fuzz_libfuzzer_client_SOURCES = %D%/fuzz/fuzz_client.c $(FUZZ_RUN)
%C%_fuzz_libfuzzer_client_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
%C%_fuzz_libfuzzer_client_LDFLAGS = -fsanitize=fuzzer
%C%_fuzz_fuzz_frame_SOURCES = %D%/fuzz/fuzz_frame.c %D%/fuzz/standalone.c
%C%_fuzz_libfuzzer_frame_SOURCES = %D%/fuzz/fuzz_frame.c
%C%_fuzz_libfuzzer_frame_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
%C%_fuzz_libfuzzer_frame_LDFLAGS = -fsanitize=fuzzer
%C%_fuzz_fuzz_hpack_SOURCES = %D%/fuzz/fuzz_hpack.c %D%/fuzz/standalone.c
%C%_fuzz_libfuzzer_hpack_SOURCES = %D%/fuzz/fuzz_hpack.c
%C%_fuzz_libfuzzer_hpack_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
%C%_fuzz_libfuzzer_hpack_LDFLAGS = -fsanitize=fuzzer
FUZZ_PEER = %D%/fuzz/hpack_peer.c %D%/fuzz/hpack_peer.h
%C%_fuzz_fuzz_hpack_fields_SOURCES = %D%/fuzz/fuzz_hpack_fields.c \
	$(FUZZ_PEER) %D%/fuzz/standalone.c
%C%_fuzz_libfuzzer_hpack_fields_SOURCES = %D%/fuzz/fuzz_hpack_fields.c \
	$(FUZZ_PEER)
%C%_fuzz_libfuzzer_hpack_fields_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
%C%_fuzz_libfuzzer_hpack_fields_LDFLAGS = -fsanitize=fuzzer
%C%_fuzz_fuzz_hpack_peer_SOURCES = %D%/fuzz/fuzz_hpack_peer.c \
	$(FUZZ_PEER) %D%/fuzz/standalone.c
%C%_fuzz_libfuzzer_hpack_peer_SOURCES = %D%/fuzz/fuzz_hpack_peer.c \
	$(FUZZ_PEER)
%C%_fuzz_libfuzzer_hpack_peer_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
%C%_fuzz_libfuzzer_hpack_peer_LDFLAGS = -fsanitize=fuzzer
%C%_fuzz_fuzz_octets_SOURCES = %D%/fuzz/fuzz_octets.c %D%/fuzz/standalone.c
%C%_fuzz_libfuzzer_octets_SOURCES = %D%/fuzz/fuzz_octets.c
%C%_fuzz_libfuzzer_octets_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
%C%_fuzz_libfuzzer_octets_LDFLAGS = -fsanitize=fuzzer
%C%_fuzz_fuzz_session_SOURCES = %D%/fuzz/fuzz_session.c $(FUZZ_RUN) \
	%D%/fuzz/standalone.c
%C%_fuzz_libfuzzer_session_SOURCES = %D%/fuzz/fuzz_session.c $(FUZZ_RUN)
%C%_fuzz_libfuzzer_session_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
%C%_fuzz_libfuzzer_session_LDFLAGS = -fsanitize=fuzzer
# -- fuzz end

# -- unit begin
%C%_unit_test_base_SOURCES = %D%/unit/test_base.c
%C%_unit_test_base_portable_SOURCES = %D%/unit/test_base.c
%C%_unit_test_base_portable_CPPFLAGS = $(AM_CPPFLAGS) -DHC_PORTABLE
%C%_unit_test_buf_SOURCES = %D%/unit/test_buf.c
%C%_unit_test_corners_SOURCES = %D%/unit/test_corners.c
%C%_unit_test_err_SOURCES = %D%/unit/test_err.c
%C%_unit_test_fault_SOURCES = %D%/unit/test_fault.c
%C%_unit_test_fault_acts_SOURCES = %D%/unit/test_fault_acts.c
%C%_unit_test_flow_SOURCES = %D%/unit/test_flow.c
%C%_unit_test_frame_def_SOURCES = %D%/unit/test_frame_def.c
%C%_unit_test_frame_parse_SOURCES = %D%/unit/test_frame_parse.c
%C%_unit_test_frame_round_SOURCES = %D%/unit/test_frame_round.c
%C%_unit_test_frame_text_SOURCES = %D%/unit/test_frame_text.c
%C%_unit_test_frame_vectors_SOURCES = %D%/unit/test_frame_vectors.c
%C%_unit_test_frame_write_SOURCES = %D%/unit/test_frame_write.c
%C%_unit_test_hpack_dec_SOURCES = %D%/unit/test_hpack_dec.c
%C%_unit_test_hpack_enc_SOURCES = %D%/unit/test_hpack_enc.c
%C%_unit_test_hpack_huff_SOURCES = %D%/unit/test_hpack_huff.c
%C%_unit_test_hpack_int_SOURCES = %D%/unit/test_hpack_int.c
%C%_unit_test_hpack_look_SOURCES = %D%/unit/test_hpack_look.c
%C%_unit_test_hpack_peer_SOURCES = %D%/unit/test_hpack_peer.c
%C%_unit_test_hpack_prepared_SOURCES = %D%/unit/test_hpack_prepared.c
%C%_unit_test_hpack_rfc_SOURCES = %D%/unit/test_hpack_rfc.c
%C%_unit_test_hpack_static_SOURCES = %D%/unit/test_hpack_static.c
%C%_unit_test_hpack_stories_SOURCES = %D%/unit/test_hpack_stories.c
%C%_unit_test_hpack_table_SOURCES = %D%/unit/test_hpack_table.c
%C%_unit_test_limits_SOURCES = %D%/unit/test_limits.c
%C%_unit_test_message_SOURCES = %D%/unit/test_message.c
%C%_unit_test_origin_SOURCES = %D%/unit/test_origin.c
%C%_unit_test_message_portable_SOURCES = %D%/unit/test_message.c \
	libh2core/src/hc_message.c
%C%_unit_test_message_portable_CPPFLAGS = $(AM_CPPFLAGS) -DHC_PORTABLE
%C%_unit_test_rates_SOURCES = %D%/unit/test_rates.c mod_h2x/h2x_rates.c
%C%_unit_test_rates_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(top_srcdir)/mod_h2x
%C%_unit_test_sched_SOURCES = %D%/unit/test_sched.c
%C%_unit_test_session_bounds_SOURCES = %D%/unit/test_session_bounds.c
%C%_unit_test_session_budget_SOURCES = %D%/unit/test_session_budget.c
%C%_unit_test_session_client_SOURCES = %D%/unit/test_session_client.c
%C%_unit_test_session_credit_SOURCES = %D%/unit/test_session_credit.c
%C%_unit_test_session_depend_SOURCES = %D%/unit/test_session_depend.c
%C%_unit_test_session_drop_SOURCES = %D%/unit/test_session_drop.c
%C%_unit_test_session_extra_SOURCES = %D%/unit/test_session_extra.c
%C%_unit_test_session_forget_SOURCES = %D%/unit/test_session_forget.c
%C%_unit_test_session_frames_SOURCES = %D%/unit/test_session_frames.c
%C%_unit_test_session_hold_SOURCES = %D%/unit/test_session_hold.c
%C%_unit_test_session_looks_SOURCES = %D%/unit/test_session_looks.c
%C%_unit_test_session_prepared_SOURCES = %D%/unit/test_session_prepared.c
%C%_unit_test_session_priority_SOURCES = %D%/unit/test_session_priority.c
%C%_unit_test_session_pair_SOURCES = %D%/unit/test_session_pair.c
%C%_unit_test_session_push_SOURCES = %D%/unit/test_session_push.c
%C%_unit_test_session_query_SOURCES = %D%/unit/test_session_query.c
%C%_unit_test_session_random_SOURCES = %D%/unit/test_session_random.c \
	%D%/fuzz/fuzz_session.c $(FUZZ_RUN)
%C%_unit_test_session_recv_SOURCES = %D%/unit/test_session_recv.c
%C%_unit_test_session_send_SOURCES = %D%/unit/test_session_send.c
%C%_unit_test_session_sent_SOURCES = %D%/unit/test_session_sent.c
%C%_unit_test_session_section_SOURCES = %D%/unit/test_session_section.c
%C%_unit_test_session_stats_SOURCES = %D%/unit/test_session_stats.c
%C%_unit_test_session_threads_SOURCES = %D%/unit/test_session_threads.c
%C%_unit_test_session_trace_SOURCES = %D%/unit/test_session_trace.c
%C%_unit_test_session_upgrade_SOURCES = %D%/unit/test_session_upgrade.c
%C%_unit_test_session_window_SOURCES = %D%/unit/test_session_window.c
%C%_unit_test_settings_SOURCES = %D%/unit/test_settings.c
%C%_unit_test_stream_SOURCES = %D%/unit/test_stream.c
%C%_unit_test_stream_state_SOURCES = %D%/unit/test_stream_state.c
%C%_unit_test_text_read_SOURCES = %D%/unit/test_text_read.c
# What h2play has for lines and frames.
%C%_unit_test_play_match_SOURCES = %D%/unit/test_play_match.c \
	tools/h2play_build.c tools/h2play_line.c tools/h2play_match.c \
	tools/h2play_receive.c tools/h2play_util.c
%C%_unit_test_play_match_CPPFLAGS = $(AM_CPPFLAGS) \
	-iquote $(top_srcdir)/tools
# -- unit end

MODULE_UNIT_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(top_srcdir)/mod_h2x \
	$(HTTPD_CPPFLAGS)
MODULE_UNIT_CFLAGS = $(AM_CFLAGS) -Wno-cast-align
MODULE_UNIT_LDADD = $(LDADD) $(APR_LIBS)
WRAP_MALLOC = -Wl,--wrap=malloc
# What test_pipe.c plays itself.
WRAP_TIME = -Wl,--wrap=apr_time_now,--wrap=apr_thread_cond_signal \
	-Wl,--wrap=apr_thread_cond_timedwait

# -- module unit begin
%C%_unit_test_diary_SOURCES = %D%/unit/test_diary.c mod_h2x/h2x_diary.c
%C%_unit_test_diary_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_diary_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_diary_LDFLAGS = -Wl,--wrap=calloc
%C%_unit_test_fifo_SOURCES = %D%/unit/test_fifo.c mod_h2x/h2x_fifo.c
%C%_unit_test_fifo_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_fifo_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_fifo_LDFLAGS = $(WRAP_MALLOC)
%C%_unit_test_fifo_LDADD = $(MODULE_UNIT_LDADD)
%C%_unit_test_learned_SOURCES = %D%/unit/test_learned.c mod_h2x/h2x_learned.c
%C%_unit_test_learned_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_learned_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_learned_LDADD = $(MODULE_UNIT_LDADD)
%C%_unit_test_link_SOURCES = %D%/unit/test_link.c mod_h2x/h2x_link.c
%C%_unit_test_link_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_link_CFLAGS = $(MODULE_UNIT_CFLAGS)
# They include h2x_pipe.c.
%C%_unit_test_pipe_SOURCES = %D%/unit/test_pipe.c mod_h2x/h2x_fifo.c \
	mod_h2x/h2x_wake.c
%C%_unit_test_pipe_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_pipe_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_pipe_LDFLAGS = $(WRAP_MALLOC) $(WRAP_TIME)
%C%_unit_test_pipe_LDADD = $(MODULE_UNIT_LDADD)
%C%_unit_test_pipe_threads_SOURCES = %D%/unit/test_pipe_threads.c \
	mod_h2x/h2x_fifo.c mod_h2x/h2x_wake.c
%C%_unit_test_pipe_threads_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_pipe_threads_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_pipe_threads_LDADD = $(MODULE_UNIT_LDADD)
%C%_unit_test_wake_SOURCES = %D%/unit/test_wake.c mod_h2x/h2x_wake.c
%C%_unit_test_wake_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_wake_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_wake_LDADD = $(MODULE_UNIT_LDADD)
# The same without eventfd.
%C%_unit_test_wake_pipe_SOURCES = %D%/unit/test_wake.c mod_h2x/h2x_wake.c
%C%_unit_test_wake_pipe_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS) -DH2X_OLDEST_API
%C%_unit_test_wake_pipe_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_wake_pipe_LDADD = $(MODULE_UNIT_LDADD)
%C%_unit_test_workers_SOURCES = %D%/unit/test_workers.c mod_h2x/h2x_workers.c
%C%_unit_test_workers_CPPFLAGS = $(MODULE_UNIT_CPPFLAGS)
%C%_unit_test_workers_CFLAGS = $(MODULE_UNIT_CFLAGS)
%C%_unit_test_workers_LDFLAGS = -Wl,--wrap=apr_thread_join \
	-Wl,--wrap=apr_time_now
%C%_unit_test_workers_LDADD = $(MODULE_UNIT_LDADD)
# -- module unit end

# For every program that does not say otherwise.
AM_CPPFLAGS = $(CORE_CPPFLAGS) -iquote $(top_srcdir)/%D%/lib -D_GNU_SOURCE
LDADD = %D%/libtest.la libh2core/libhc.la $(CMOCKA_LIBS)

# Tools of tests: no cmocka.
check_PROGRAMS += %D%/tools/hpack_stories
%C%_tools_hpack_stories_SOURCES = %D%/tools/hpack_stories.c \
	%D%/lib/story.c %D%/lib/story.h
%C%_tools_hpack_stories_CPPFLAGS = $(AM_CPPFLAGS)
%C%_tools_hpack_stories_LDADD = libh2core/libhc.la

# A server and a client for other people's HTTP/2, by the public headers.
PEER_NAMES = %D%/tools/peer_client %D%/tools/peer_server
PEER_SOURCES = %D%/tools/peer.c %D%/tools/peer.h
check_PROGRAMS += $(PEER_NAMES)
%C%_tools_peer_client_SOURCES = %D%/tools/peer_client.c $(PEER_SOURCES)
%C%_tools_peer_client_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS) -D_GNU_SOURCE
%C%_tools_peer_client_LDADD = libh2core/libhc.la
%C%_tools_peer_server_SOURCES = %D%/tools/peer_server.c $(PEER_SOURCES)
%C%_tools_peer_server_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS) -D_GNU_SOURCE
%C%_tools_peer_server_LDADD = libh2core/libhc.la

if HAVE_CMOCKA
check_LTLIBRARIES += %D%/libtest.la
%C%_libtest_la_SOURCES = $(TEST_LIB_SOURCES)
UNIT_TESTS = $(UNIT_NAMES) %D%/tools/hpack_stories.sh
FUZZ_TESTS = $(FUZZ_NAMES)
check_PROGRAMS += $(UNIT_NAMES) $(FUZZ_NAMES)
if HAVE_APXS
UNIT_TESTS += $(MODULE_UNIT_NAMES)
THREAD_TESTS = $(MODULE_UNIT_NAMES) %D%/unit/test_hpack_prepared \
	%D%/unit/test_session_threads
check_PROGRAMS += $(MODULE_UNIT_NAMES)
endif
if ENABLE_FUZZ
noinst_PROGRAMS += $(LIBFUZZER_NAMES)
endif
endif
EXTRA_DIST += %D%/fuzz/corpus %D%/data

STYLE_TESTS = \
	%D%/style/symbols.sh \
	%D%/style/headers.sh \
	%D%/style/layers.sh \
	%D%/style/form.sh \
	%D%/style/gen.sh \
	%D%/style/musts.sh \
	%D%/style/counting.sh \
	%D%/style/bench.sh \
	%D%/style/documents.sh \
	%D%/style/readme.sh

WIRE_TESTS = %D%/wire/run.sh %D%/wire/faults.sh

TESTS += $(UNIT_TESTS) $(FUZZ_TESTS) $(WIRE_TESTS) $(STYLE_TESTS)
EXTRA_DIST += $(STYLE_TESTS) %D%/tools/hpack_python.py \
	%D%/tools/hpack_stories.sh %D%/tools/peer_h2.py %D%/tools/peers.sh \
	%D%/tools/coverage.sh \
	%D%/style/layers.txt \
	%D%/style/size_exceptions.txt %D%/tap.sh \
	%D%/cmocka.sh %D%/tap-count.awk %D%/harness-tap.awk %D%/parts %D%/soak \
	%D%/wire
