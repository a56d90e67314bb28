<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Ends in mid-body: `flush` sends the first half before. */
header('Content-Type: text/plain');
echo "first half\n";
if (isset($_GET['flush'])) {
    ob_end_flush();
    flush();
}
exit(1);
echo "second half\n";
