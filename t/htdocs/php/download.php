<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a file that is larger than a window. */
header('Content-Type: application/octet-stream');
header('Content-Length: ' . filesize(__DIR__ . '/../8m.bin'));
while (ob_get_level()) {
    ob_end_clean();
}
readfile(__DIR__ . '/../8m.bin');
