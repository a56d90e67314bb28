<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* A subrequest in the middle: virtual() sends another file. */
echo "before\n";
virtual('/100.txt');
echo "after\n";
