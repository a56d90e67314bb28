<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* A small picture, of a colour that its number gives. */
$n = (int) ($_GET['n'] ?? 0);
header('Content-Type: image/svg+xml');
header('Cache-Control: no-store');
printf('<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48">'
    . '<rect width="48" height="48" fill="hsl(%d,70%%,50%%)"/>'
    . '<text x="24" y="30" text-anchor="middle">%d</text></svg>',
    $n * 7 % 360, $n);
