# SPDX-License-Identifier: Apache-2.0
#
# examples: programs as a user of the library writes them, with its public
# headers and libh2core.so alone.  Built and run by make check.

EXAMPLE_NAMES = %D%/client_min %D%/frame_min %D%/hpack_roundtrip \
	%D%/server_min \
	%D%/tutorial %D%/tutorial_client %D%/tutorial_server

check_PROGRAMS += $(EXAMPLE_NAMES)
%C%_client_min_SOURCES = %D%/client_min.c
%C%_client_min_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS)
%C%_client_min_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS)
%C%_client_min_LDADD = libh2core/libh2core.la
%C%_frame_min_SOURCES = %D%/frame_min.c
%C%_frame_min_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS)
%C%_frame_min_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS)
%C%_frame_min_LDADD = libh2core/libh2core.la
%C%_hpack_roundtrip_SOURCES = %D%/hpack_roundtrip.c
%C%_hpack_roundtrip_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS)
%C%_hpack_roundtrip_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS)
%C%_hpack_roundtrip_LDADD = libh2core/libh2core.la
%C%_server_min_SOURCES = %D%/server_min.c
%C%_server_min_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS)
%C%_server_min_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS)
%C%_server_min_LDADD = libh2core/libh2core.la
%C%_tutorial_SOURCES = %D%/tutorial.c
%C%_tutorial_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS)
%C%_tutorial_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS)
%C%_tutorial_LDADD = libh2core/libh2core.la
%C%_tutorial_client_SOURCES = %D%/tutorial_client.c
%C%_tutorial_client_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS)
%C%_tutorial_client_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS)
%C%_tutorial_client_LDADD = libh2core/libh2core.la
%C%_tutorial_server_SOURCES = %D%/tutorial_server.c
%C%_tutorial_server_CPPFLAGS = $(CORE_PUBLIC_CPPFLAGS)
%C%_tutorial_server_CFLAGS = $(C11_CFLAGS) $(H2X_WARN_CFLAGS)
%C%_tutorial_server_LDADD = libh2core/libh2core.la

EXAMPLE_TESTS = %D%/run.sh %D%/nghttp.sh
TESTS += $(EXAMPLE_TESTS)
EXTRA_DIST += $(EXAMPLE_TESTS)
