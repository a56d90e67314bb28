<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with `code`, with or without a `body`. */
http_response_code((int) ($_GET['code'] ?? 200));
header('X-Code: ' . http_response_code());
header('Content-Type: text/plain');
if (isset($_GET['location'])) {
    header('Location: ' . $_GET['location'], true,
        (int) ($_GET['code'] ?? 302));
}
if (isset($_GET['body'])) {
    echo 'code ', http_response_code(), "\n";
}
