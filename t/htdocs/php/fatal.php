<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* A fatal error, with `flush` behind a head that is already sent. */
header('Content-Type: text/plain');
echo "before\n";
if (isset($_GET['flush'])) {
    ob_end_flush();
    flush();
}
no_such_function();
