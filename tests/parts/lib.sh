# SPDX-License-Identifier: Apache-2.0
#
# lib.sh - for the parts of ./check; sourced, not run.
#
# A part prints one TAP document.  It is given H2X_SRCDIR (a copy of the
# source tree), H2X_BUILDDIR (the build of part "build"), H2X_OUT (where other
# builds and logs go), H2X_JOBS, H2X_MANIFEST (names of the tree's files).

. "$H2X_SRCDIR/tests/tap.sh"

# Run configure for a build of its own in $H2X_OUT/$1 unless that has been
# done with the same words.
configure_in()
{
    mkdir -p "$H2X_OUT/$1" && cd "$H2X_OUT/$1" || return 1
    shift
    if [ ! -f config.status ] || [ "$(cat .words 2>/dev/null)" != "$*" ] ||
        [ "$H2X_SRCDIR/configure" -nt config.status ]; then
        rm -f .words
        "$H2X_SRCDIR/configure" -q "$@" || return 1
        printf '%s' "$*" >.words
    fi
}

# make in the build folder $H2X_OUT/$1
make_in()
{
    folder=$H2X_OUT/$1
    shift
    make -j "$H2X_JOBS" -C "$folder" V=0 "$@"
}

# Run one of make's check targets in the build folder $1 and hand on the
# results that automake's driver has written down, one test each.
run_make_check()
{
    folder=$H2X_OUT/$1
    target=$2
    prefix=${3:-}
    tests=$(make -s -C "$folder" "print-$target") || tests=
    if [ -z "$tests" ]; then
        not_ok "$prefix$target has tests"
        return
    fi
    (cd "$folder" && for test in $tests; do
        rm -f "${test%.sh}.trs" "${test%.sh}.log"
    done)
    make_in "$1" -k "$target" >"$folder/$target.out" 2>&1
    make_status=$?
    before=$tap_failed
    for test in $tests; do
        test=${test%.sh}
        if [ ! -f "$folder/$test.trs" ]; then
            not_ok "$prefix$test was run"
            grep -B 2 -A 6 -e 'error:' -e 'Error ' "$folder/$target.out" |
                head -n 30 | diag
            continue
        fi
        hand_on "$folder/$test.log" "$prefix$test"
    done
    if [ "$make_status" -ne 0 ] && [ "$tap_failed" -eq "$before" ]; then
        not_ok "$prefix$target: make failed"
        tail -n 20 "$folder/$target.out" | diag
    fi
}

# The driver writes a line "RESULT: program N - text" for each test, behind
# the program's own; remarks on a test that failed are handed on, too.  That a
# program with failed tests also exited with a status is no test more.
hand_on()
{
    bad_before=$tap_failed
    bad_last=no
    while read -r result rest; do
        text=${rest#* }
        text=${text#*- }
        case $result:$rest in
        PASS::* | XFAIL::*) bad_last=no && ok "$2: $text" ;;
        SKIP::*) bad_last=no && skip "$2: ${text##*# SKIP }" ;;
        ERROR::*'exited with status'*)
            [ "$tap_failed" -gt "$bad_before" ] || not_ok "$2: $text"
            ;;
        FAIL::* | ERROR::* | XPASS::*)
            bad_last=yes
            not_ok "$2: ${result%:} $text"
            ;;
        '#'*) [ "$bad_last" = no ] || printf '%s\n' "$result $rest" ;;
        esac
    done <"$1"
}

# Hand on the tests of a TAP document in file $2 (exit status $3), each text
# with prefix $1, after a look at its plan.
merge_tap()
{
    merge_list=$(mktemp) || exit 1
    awk '
        { line = $0 }
        /^(not )?ok( |$)/ {
            bad = sub(/^not /, "", line)
            skip = tolower(line) ~ (bad ? "# *todo" : "# *skip")
            sub(/^ok *[0-9]* *(- *)?/, "", line)
            print (skip ? "skip" : bad ? "not_ok" : "ok"), line
        }
        /^#/ { print }' "$2" >"$merge_list"
    while read -r word text; do
        case $word in
        ok | not_ok | skip) "$word" "$1: $text" ;;
        *) printf '%s\n' "$word $text" ;;
        esac
    done <"$merge_list"
    rm -f "$merge_list"
    eval "$(awk -v status="$3" -f "$H2X_SRCDIR/tests/tap-count.awk" "$2" |
        sed 's/tap_/doc_/g')"
    [ -z "$doc_problem" ] || {
        not_ok "$1: $doc_problem"
        tail -n 20 "$2" | diag
    }
}

# tests/tools/peers.sh with the programs of build folder $2; each test's text
# begins with $1.
run_peers()
{
    peers_tap=$(mktemp) || exit 1
    H2X_BUILDDIR=$2 PYTHON3=/usr/bin/python3 \
        sh "$H2X_SRCDIR/tests/tools/peers.sh" >"$peers_tap"
    merge_tap "$1" "$peers_tap" $?
    rm -f "$peers_tap"
}

# Run t/ with the module of build folder $2; further words go to t/run.sh, and
# each test's text begins with $1.  The copy it runs in must be readable by
# nobody, so it cannot be in $H2X_OUT; logs of a run that failed are brought
# there, to logs/t-$1.
run_httpd_tests()
{
    httpd_run=$(mktemp -d) || exit 1
    chmod 755 "$httpd_run"
    httpd_label=$1
    httpd_build=$2
    shift 2
    bash "$H2X_SRCDIR/t/run.sh" -v --keep --tier "$H2X_TIER" \
        --apxs "$(command -v apxs)" --copy "$httpd_run/copy" \
        --module "$httpd_build/mod_h2x/.libs/mod_h2x.so" \
        --h2play "$httpd_build/tools/h2play" "$@" >"$httpd_run/harness" 2>&1
    httpd_status=$?
    awk -v status="$httpd_status" -f "$H2X_SRCDIR/tests/harness-tap.awk" \
        "$httpd_run/harness" >"$httpd_run/tap"
    merge_tap "$httpd_label" "$httpd_run/tap" 0
    # Whatever the clients saw: in no log of any httpd a child crashed.
    find "$httpd_run" -name '*log*' -type f -exec grep -hE -A 12 \
        'runtime error:|Sanitizer|exit signal (Seg|Abort|Bus|Ill|Floating)' \
        {} + >"$httpd_run/crashes"
    if [ -s "$httpd_run/crashes" ]; then
        not_ok "$httpd_label: no child crashed"
        head -n 60 "$httpd_run/crashes" | diag
    else
        ok "$httpd_label: no child crashed"
    fi
    httpd_logs=$H2X_OUT/logs/t-$httpd_label
    rm -rf "$httpd_logs"
    if [ "$httpd_status" -ne 0 ]; then
        tail -n 20 "$httpd_run/harness" | diag
        cp -R "$httpd_run/copy/t/logs" "$httpd_logs" 2>/dev/null
        cp "$httpd_run/harness" "$httpd_logs" 2>/dev/null
    fi
    rm -rf "$httpd_run"
}

# What of t/ worker and prefork get in the default tier: where waiting, ending
# and sharing are different.  With --full it is all of t/.
mpm_tests="01-protocols 02-start 05-internal 12-access-log 17-pump 18-abuse
    20-load 21-memory 22-storm 25-vhosts-tls 26-timeouts 27-graceful
    31-workers 32-dispatch 33-queue 34-worker-logs 66-slow-link"

run_mpm_tests()
{
    if [ "$H2X_TIER" = full ]; then
        run_httpd_tests "$1" "$H2X_BUILDDIR" --mpm "$1"
    else
        run_httpd_tests "$1" "$H2X_BUILDDIR" --mpm "$1" $mpm_tests
    fi
}

# Run t/ under event with a module of its own build, named $1, configured with
# option $2.  Without CONN_STATE_ASYNC_WAITIO slow clients keep threads.  What
# the full tier adds is load and browsers, which know nothing of that.
run_variant()
{
    try "configure $2" \
        configure_in "$1" --enable-werror --enable-asserts "$2"
    try "make" make_in "$1"
    H2X_TIER=default
    H2X_WAITIO=0 run_httpd_tests "$1" "$H2X_OUT/$1" --mpm event
}

build_asan()
{
    try "configure --enable-sanitize" configure_in asan --enable-werror \
        --enable-sanitize
    try "make" make_in asan
}

# Run t/ under the MPM $1 with the instrumented module of build folder "asan".
# httpd itself is not instrumented, so the runtime is preloaded; pools give
# memory back late and in one piece, so leaks are not looked for.  Without
# conf.d PHP loads no opcache, whose way of being loaded the runtime refuses.
run_asan_tests()
{
    asan_reports=$(mktemp -d) || exit 1
    chmod 1777 "$asan_reports"
    run_httpd_tests "asan-$1" "$H2X_OUT/asan" --mpm "$1" --httpd-env "\
PHP_INI_SCAN_DIR= LD_PRELOAD=$(${CC:-gcc} -print-file-name=libasan.so) \
ASAN_OPTIONS=detect_leaks=0:log_path=$asan_reports/asan \
UBSAN_OPTIONS=print_stacktrace=1:log_path=$asan_reports/ubsan"
    cat "$asan_reports"/* >"$asan_reports/all" 2>/dev/null
    if [ -s "$asan_reports/all" ]; then
        not_ok "asan-$1: the sanitizers have nothing to report"
        head -n 80 "$asan_reports/all" | diag
    else
        ok "asan-$1: the sanitizers have nothing to report"
    fi
    rm -rf "$asan_reports"
}
