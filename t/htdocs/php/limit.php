<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Uses its time up: `flush` writes all along, `memory` runs out of that. */
header('Content-Type: text/plain');
if (isset($_GET['memory'])) {
    ini_set('memory_limit', '8M');
    str_repeat('x', 64 << 20);
}
set_time_limit(1);
for ($i = 0;; $i++) {
    if (isset($_GET['flush']) && $i % 100000 == 0) {
        echo "round $i\n";
        ob_flush();
        flush();
    }
}
