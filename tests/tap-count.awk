# SPDX-License-Identifier: Apache-2.0
#
# tap-count.awk - count the tests of one TAP document, for `eval` by a shell.
#
# Input: the document; variable `status`: exit status of what printed it.
# What is wrong with the document as a whole (no test, no plan or another
# number than planned, a bail-out, an exit status without a failed test) is one
# more failure.

BEGIN { plan = -1 }

/^ok( |$)/ {
    tests++
    if (tolower($0) ~ /# *skip/)
        skipped++
    else
        passed++
}

/^not ok( |$)/ {
    tests++
    if (tolower($0) ~ /# *todo/)
        skipped++
    else
        failed++
}

/^1\.\.[0-9]+/ {
    if (plan >= 0)
        problem = problem "two plans; "
    plan = substr($1, 4) + 0
}

/^Bail out!/ { problem = problem "bailed out; " }

END {
    if (tests == 0)
        problem = problem "no test ran; "
    else if (plan < 0)
        problem = problem "no plan; "
    else if (plan != tests)
        problem = problem plan " planned, " tests " ran; "
    if (status + 0 == 124)
        problem = problem "out of time; "
    else if (status + 0 != 0 && failed == 0 && problem == "")
        problem = problem "exit status " status "; "
    if (problem != "")
        failed++
    sub(/; $/, "", problem)
    gsub(/[^A-Za-z0-9 ;,]/, "", problem)
    printf "tap_passed=%d tap_failed=%d tap_skipped=%d tap_problem='%s'\n",
        passed, failed, skipped, problem
}
