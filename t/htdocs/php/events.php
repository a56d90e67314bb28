<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events: `n` of them, `ms` apart. */
while (ob_get_level()) {
    ob_end_flush();
}
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');
for ($i = 1; $i <= (int) ($_GET['n'] ?? 10); $i++) {
    echo "id: $i\ndata: event $i\n\n";
    flush();
    usleep(1000 * (int) ($_GET['ms'] ?? 200));
}
