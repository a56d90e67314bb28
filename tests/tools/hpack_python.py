#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our field blocks, decoded by python3-hpack: the fields of the stories?

hpack_python.py TOOL STORY...     TOOL: the program hpack_stories

Prints TAP, one test for each story.
"""
import json
import subprocess
import sys

from hpack import Decoder


def wanted_fields(case):
    return [(name.encode('latin-1'), value.encode('latin-1'))
            for field in case['headers'] for name, value in field.items()]


def differing(tool, path):
    """Number of the first block that differs, or None."""
    with open(path, encoding='utf-8') as file:
        cases = json.load(file)['cases']
    lines = subprocess.run([tool, '--blocks', path], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    decoder = Decoder(max_header_list_size=1 << 20)
    for number, (case, line) in enumerate(zip(cases, lines)):
        fields = [tuple(field) for field in
                  decoder.decode(bytes.fromhex(line), raw=True)]
        if fields != wanted_fields(case):
            return number
    return None if len(lines) == len(cases) else len(lines)


def main():
    tool, *paths = sys.argv[1:]
    bad = 0
    for number, path in enumerate(paths, 1):
        block = differing(tool, path)
        bad += block is not None
        name = '/'.join(path.split('/')[-2:])
        print(f'ok {number} - {name}' if block is None else
              f'not ok {number} - {name}: block {block}')
    print(f'1..{len(paths)}')
    return 1 if bad or not paths else 0


if __name__ == '__main__':
    sys.exit(main())
