# SPDX-License-Identifier: Apache-2.0
#
# apxs: the way to build the module without autotools.

EXTRA_DIST += %D%/build.sh
