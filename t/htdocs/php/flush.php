<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* `n` lines, each flushed, `ms` apart, with what headers_sent() says. */
while (ob_get_level()) {
    ob_end_flush();
}
header('Content-Type: text/plain');
$n = (int) ($_GET['n'] ?? 3);
echo 'sent before: ', var_export(headers_sent(), true), "\n";
for ($i = 1; $i <= $n; $i++) {
    echo "line $i\n";
    flush();
    usleep(1000 * (int) ($_GET['ms'] ?? 0));
}
echo 'sent after: ', var_export(headers_sent(), true), "\n";
