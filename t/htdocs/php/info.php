<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* What everybody tries first. */
phpinfo();
