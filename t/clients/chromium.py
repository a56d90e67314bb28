# SPDX-License-Identifier: Apache-2.0
"""What Chromium has written down: its log of the network and its picture."""

import json
import struct
import zlib

import h2peer as p


def frames(path):
    """The frames of the log in their order: (kind, session, stream, fields)."""
    with open(path, encoding='utf-8') as log:
        text = log.read().strip()
    if not text.endswith('}'):  # it was not closed
        text = text.rstrip(',') + ']}'
    log = json.loads(text)
    names = {v: k for k, v in log['constants']['logEventTypes'].items()}
    found = []
    for event in log['events']:
        kind = names[event['type']]
        if kind not in ('HTTP2_SESSION_SEND_HEADERS',
                        'HTTP2_SESSION_RECV_HEADERS'):
            continue
        params = event['params']
        fields = dict(f.split(': ', 1) for f in params['headers']
                      if not f.startswith(': '))
        found.append((kind.split('_')[2], event['source']['id'],
                      params['stream_id'], fields))
    return found


def hinted(path, page, hint):
    """The request for what 103 names leaves before the final response comes,
    on the same connection."""
    rows = frames(path)

    def at(kind, name, value, session=None, stream=None):
        for i, (k, c, s, fields) in enumerate(rows):
            if (k == kind and fields.get(name) == value
                    and session in (None, c) and stream in (None, s)):
                return i
        return None

    asked = at('SEND', ':path', page)
    if not p.ok(asked is not None, 'the page is asked for', rows):
        return
    session, stream = rows[asked][1:3]
    early = at('RECV', ':status', '103', session, stream)
    final = at('RECV', ':status', '200', session, stream)
    sent = at('SEND', ':path', hint, session)
    if not p.ok(None not in (early, final, sent), '103, 200 and the request',
                rows):
        return
    p.ok(asked < early < sent < final,
         'in this order: page, 103, what it names, 200',
         (asked, early, sent, final))
    p.same(sum(r[0] == 'SEND' and r[3].get(':path') == hint for r in rows), 1,
           'one request for it')


def pixels(path):
    """Rows of a PNG of 8 bits without interlace, each as octets, and octets
    per pixel."""
    with open(path, 'rb') as file:
        data = file.read()
    if data[:8] != b'\x89PNG\r\n\x1a\n':
        raise ValueError('no PNG')
    at, packed, size = 8, b'', None
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b'IHDR':
            width, _, bits, colours, _, _, interlace = struct.unpack(
                '>IIBBBBB', body)
            size = {2: 3, 6: 4}[colours]
            if bits != 8 or interlace:
                raise ValueError('not this kind of PNG')
        elif kind == b'IDAT':
            packed += body
        at += 12 + length
    raw, rows, step = zlib.decompress(packed), [], width * size + 1
    above = bytes(step - 1)
    for i in range(0, len(raw), step):
        above = unfilter(raw[i], raw[i + 1:i + step], above, size)
        rows.append(above)
    return rows, size


def unfilter(how, line, above, size):
    """One row, RFC 2083 6."""
    out = bytearray(line)
    for i, octet in enumerate(line):
        a = out[i - size] if i >= size else 0
        b, c = above[i], above[i - size] if i >= size else 0
        guess = a + b - c
        paeth = min((abs(guess - a), 0, a), (abs(guess - b), 1, b),
                    (abs(guess - c), 2, c))[2]
        out[i] = octet + (0, a, b, (a + b) // 2, paeth)[how] & 0xff
    return bytes(out)


def coloured(path, colour):
    """Most of the picture has this colour."""
    rows, size = pixels(path)
    wanted = bytes.fromhex(f'{colour:0>6}')
    total = sum(len(row) // size for row in rows)
    same = sum(row[i:i + 3] == wanted for row in rows
               for i in range(0, len(row), size))
    p.ok(same > total / 2, f'the page is #{colour}', f'{same} of {total}')


if __name__ == '__main__':
    p.main({'hinted': hinted, 'coloured': coloured})
