# SPDX-License-Identifier: Apache-2.0
"""Options that measurements of whole servers have in common."""

import os

from report import STYLES


def add_common(parser):
    parser.add_argument('--style', choices=STYLES, default='text',
                        help='md: Markdown, for pages (default text)')
    parser.add_argument('--tsv', dest='style', action='store_const',
                        const='tsv', help='tab-separated')
    parser.add_argument('--builddir', help='where make was run')
    parser.add_argument('--module', help='our module (default: built one)')
    parser.add_argument('--peer', metavar='MODULE', help='the other module '
                        '(default: mod_http2.so of the installed httpd)')
    parser.add_argument('--apxs', default=os.environ.get('APXS', 'apxs'))
