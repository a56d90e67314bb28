# SPDX-License-Identifier: Apache-2.0
#
# Cookies: browsers send each as a field of its own; httpd counts one.

use strict;
use warnings;

use H2X;
use Test::More;

# LimitRequestFields is 100 in the main server and 20 in `small`.
client('cookies.py', 'joined', port('main'), 90);
client('cookies.py', 'joined', port('small'), 90);
client('cookies.py', 'joined', port('tls'), 90, 1);
client('cookies.py', 'apart', port('main'));
client('cookies.py', 'empty_crumbs', port('main'));

done_testing;
