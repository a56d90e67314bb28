<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the visits of a session; `close` lets go of its lock early. */
session_start();
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
if (isset($_GET['close'])) {
    session_write_close();
}
header('Content-Type: text/plain');
echo session_id(), ' ', $_SESSION['count'], "\n";
