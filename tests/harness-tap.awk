# SPDX-License-Identifier: Apache-2.0
#
# harness-tap.awk - one TAP document out of what Perl's Test::Harness prints
# with -verbose about several programs.
#
# A program whose own test lines do not tell that it failed (plan, exit status,
# no test) becomes one more failed test.  Variable `status`: exit status of
# the whole run.

function emit(result, text, directive)
{
    count++
    if (result == "not ok")
        failed++
    printf "%s %d - %s%s\n", result, count, text, directive
}

function finish(message)
{
    if (program == "")
        return
    if (message != "" && !program_failed)
        emit("not ok", program ": " message, "")
    program = ""
}

# "[12:00:00] t/10-alpn.t .. ", and "skipped: why" on the same line.
/^(\[[0-9:]+\] )?t\/[^ ]+ \.+/ {
    finish("ended without a word")
    sub(/^\[[0-9:]+\] /, "")
    program = $1
    sub(/\.t$/, "", program)
    program_failed = 0
    if ($0 ~ /skipped:/) {
        sub(/.*skipped: */, "")
        emit("ok", program, " # SKIP " $0)
        program = ""
    }
    next
}

/^(not )?ok [0-9]+/ {
    result = /^not/ ? "not ok" : "ok"
    if (result == "not ok" && tolower($0) !~ /# *todo/)
        program_failed = 1
    sub(/^(not )?ok [0-9]+ *(- *)?/, "")
    emit(result, program ": " $0, "")
    next
}

/^skipped:/ && program != "" {
    sub(/^skipped: */, "")
    emit("ok", program, " # SKIP " $0)
    program = ""
    next
}

# The harness's verdict on a program.
/^ok( +[0-9]+ ms.*)?$/ { finish(""); next }
/^(Dubious|Failed|No subtests run|All [0-9]+ subtests passed)/ {
    if (program != "" && $0 !~ /^All/)
        finish($0)
    next
}

/^#/ { print; next }

/^Test Summary Report/ { summary = 1 }
summary { print "# " $0 }

END {
    finish("ended without a word")
    if (status + 0 != 0 && failed == 0)
        emit("not ok", "the run ended with status " status, "")
    printf "1..%d\n", count
}
