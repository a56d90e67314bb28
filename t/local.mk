# SPDX-License-Identifier: Apache-2.0
#
# t: tests of the module in a running httpd, on Apache::Test.

.PHONY: check-httpd
if HAVE_APXS
check-httpd: all
	run=$$(mktemp -d) && \
	bash $(srcdir)/%D%/run.sh --apxs '$(APXS)' \
	  --module "$$PWD/mod_h2x/.libs/mod_h2x.so" \
	  --h2play "$$PWD/tools/h2play$(EXEEXT)" --copy "$$run"; \
	status=$$?; rm -rf "$$run"; exit $$status
else
check-httpd:
	@echo 'mod_h2x was not built: apxs is missing' >&2; exit 1
endif


EXTRA_DIST += %D%
