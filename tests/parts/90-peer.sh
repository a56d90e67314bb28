#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ with the mod_http2 that httpd came with, event MPM.  Tests of what
# mod_h2x alone has are skipped (only_h2x in t/lib/H2X.pm).  A test that fails
# is a difference of behaviour; those listed in peer_differences.txt pass here,
# and docs/compatibility.md tells of each.
#
# tier: peer
# limit: 5400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
known=$H2X_SRCDIR/tests/parts/peer_differences.txt
manual=$H2X_SRCDIR/docs/compatibility.md
peer=$(apxs -q LIBEXECDIR)/mod_http2.so
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

sed -n 's/^\([a-z0-9-]*\) .*/\1/p' "$known" | sort -u >"$tmp/known"
sed -n 's/^| `\([a-z0-9-]*\)` .*/\1/p' "$manual" | sort -u >"$tmp/told"
same "docs/compatibility.md tells of what the list has" \
    "$tmp/known" "$tmp/told"

# Failed tests that are known differences, as passed ones.  Differences that
# did not show depend on timing, or are none any more: remarks.
forgive()
{
    awk -v known="$known" '
        BEGIN {
            while ((getline line <known) > 0)
                if (line ~ /^[a-z0-9-]+ /) {
                    count++
                    name[count] = line
                    sub(/ .*/, "", name[count])
                    regex[count] = line
                    sub(/^[^ ]+ +/, "", regex[count])
                }
        }
        /^not ok / {
            text = $0
            sub(/^not ok [0-9]+ - /, "", text)
            for (i = 1; i <= count; i++)
                if (text ~ regex[i]) {
                    seen[i] = 1
                    sub(/^not ok/, "ok")
                    $0 = $0 " (differs as known: " name[i] ")"
                    break
                }
        }
        /^(not )?ok |^1\.\./ { print }
        /^not ok / { shows = 1 }
        /^ok / { shows = 0 }
        /^#/ && shows { print }
        END {
            for (i = 1; i <= count; i++)
                if (!seen[i])
                    print "# not seen this time: " name[i] ": " regex[i]
        }' "$1"
}

if [ -f "$peer" ]; then
    chmod 755 "$tmp"
    bash "$H2X_SRCDIR/t/run.sh" -v --keep --apxs "$(command -v apxs)" \
        --copy "$tmp/copy" --module "$peer" --mpm event \
        --h2play "$H2X_BUILDDIR/tools/h2play" >"$tmp/harness" 2>&1
    awk -v status=0 -f "$H2X_SRCDIR/tests/harness-tap.awk" "$tmp/harness" \
        >"$tmp/tap"
    rm -rf "$H2X_OUT/logs/t-peer"
    cp -R "$tmp/copy/t/logs" "$H2X_OUT/logs/t-peer" 2>/dev/null
    cp "$tmp/harness" "$H2X_OUT/logs/t-peer" 2>/dev/null
    forgive "$tmp/tap" >"$tmp/forgiven"
    merge_tap peer "$tmp/forgiven" 0
else
    skip "no mod_http2 beside this httpd"
fi
plan
