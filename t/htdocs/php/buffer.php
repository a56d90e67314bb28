<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Output buffers: nested ones, and one that compresses. */
if (isset($_GET['gzip'])) {
    ob_start('ob_gzhandler');
    echo str_repeat("compress me\n", 10000);
    return;
}
ob_start();
echo 'inner';
$inner = ob_get_clean();
ob_start(fn ($text) => strtoupper($text));
echo "$inner\n";
header('X-Late: set behind the output');
ob_end_flush();
header('Content-Length: 6');
