<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* Reads php://input piece by piece: its length and SHA-1. */
$in = fopen('php://input', 'rb');
$hash = hash_init('sha1');
$size = 0;
while (!feof($in)) {
    $piece = fread($in, 8192);
    $size += strlen($piece);
    hash_update($hash, $piece);
}
header('Content-Type: text/plain');
echo $_SERVER['REQUEST_METHOD'], ' ', $size, ' ', hash_final($hash), "\n";
