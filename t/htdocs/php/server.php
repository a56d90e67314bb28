<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* What a script sees of the request. */
header('Content-Type: application/json');
header('X-Powered-By-Test: yes');
setcookie('a', '1');
setcookie('b', '2');
echo json_encode([
    'server' => $_SERVER, 'headers' => apache_request_headers(),
    'pid' => getmypid(), 'sapi' => PHP_SAPI,
]);
