<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* What PHP makes of a form, of files, the query and cookies. */
$files = [];
foreach ($_FILES as $name => $file) {
    $files[$name] = [
        'name' => $file['name'], 'error' => $file['error'],
        'size' => $file['size'],
        'sha1' => $file['error'] ? '' : sha1_file($file['tmp_name']),
    ];
}
header('Content-Type: application/json');
echo json_encode([
    'post' => $_POST, 'get' => $_GET, 'cookie' => $_COOKIE,
    'files' => $files,
], JSON_FORCE_OBJECT);
