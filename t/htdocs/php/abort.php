<?php
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flushes until its client has gone, `n` pieces at most; `ignore` goes on
 * then.  What happened is written to a file: `note` in H2X_NOTES.
 */
while (ob_get_level()) {
    ob_end_flush();
}
$file = getenv('H2X_NOTES') . '/' . basename($_GET['note']);
ignore_user_abort(isset($_GET['ignore']));
register_shutdown_function(function () use ($file) {
    file_put_contents("$file.new", json_encode([
        'status' => connection_status(),
        'aborted' => connection_aborted(),
        'round' => $GLOBALS['round'], 'after' => $GLOBALS['after'],
    ]));
    rename("$file.new", $file);
});
header('Content-Type: text/plain');
$after = 0;
for ($round = 0; $round < (int) $_GET['n']; $round++) {
    echo str_repeat('x', 100), "\n";
    flush();
    if (connection_aborted()) {
        $after++;
        if ($after == 10) {
            break;
        }
    }
    usleep(10000);
}
