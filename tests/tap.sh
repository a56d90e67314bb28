# SPDX-License-Identifier: Apache-2.0
#
# tap.sh - TAP for shell tests; sourced, not run.
#
# ok TEXT, not_ok TEXT and skip TEXT print one test; diag prints stdin as
# remarks; try TEXT COMMAND... is one test of a command's exit status; plan
# ends the program with the plan and its exit status.

tap_count=0
tap_failed=0

ok()
{
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$*"
}

not_ok()
{
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$*"
}

skip()
{
    tap_count=$((tap_count + 1))
    printf 'ok %d # SKIP %s\n' "$tap_count" "$*"
}

diag()
{
    sed 's/^/# /'
}

# Of a command that failed the output is shown as remarks: what looks like an
# error, and the end.
try()
{
    tap_text=$1
    shift
    tap_out=$(mktemp) || exit 1
    if "$@" >"$tap_out" 2>&1 </dev/null; then
        ok "$tap_text"
    else
        tap_status=$?
        not_ok "$tap_text"
        printf '# exit status %d of: %s\n' "$tap_status" "$*"
        grep -E 'error:|undefined reference|\*\*\* ' "$tap_out" |
            head -n 8 | diag
        tail -n "${TAP_TAIL:-40}" "$tap_out" | diag
    fi
    rm -f "$tap_out"
}

# same TEXT FILE FILE: one test that two sorted lists are the same.
same()
{
    if tap_diff=$(diff -U0 "$2" "$3"); then
        ok "$1"
    else
        not_ok "$1"
        printf '%s\n' "$tap_diff" | diag
    fi
}

plan()
{
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" -eq 0 ]
    exit
}
