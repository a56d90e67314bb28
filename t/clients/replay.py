# SPDX-License-Identifier: Apache-2.0
"""The requests of a browser as they were recorded, sent again."""

import os
import re

import h2.settings

import h2peer as p

SETTINGS = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 24}
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"=]+)')

IMAGES = [f'image{i}.png' for i in range(1, 7)]
# What is complete before what, as the browsers mean it.  Chromium says u=0 to
# u=2 for what holds up the page, and leaves scripts that do not, and images,
# at 3; Firefox tells them apart from its images at 5.
ORDERS = {
    'chromium-156': [
        ['index.html', 'style.css', 'font.woff2'],
        ['early.woff2', 'head.js', 'data.json'],
        ['body.js'],
        ['async.js', 'defer.js'] + IMAGES],
    'firefox-153': [
        ['index.html'],
        ['early.woff2', 'style.css', 'head.js'],
        ['async.js', 'defer.js', 'body.js', 'font.woff2'],
        ['data.json'],
        IMAGES],
}
# One after the other: said to be of one urgency, and not incremental.
IN_TURN = {
    'chromium-156': [['style.css', 'font.woff2'], ['early.woff2', 'head.js']],
    'firefox-153': [['early.woff2', 'style.css', 'head.js']],
}


def plain(text):
    """A string without its escapes."""
    return re.sub(r'\\(x[0-9a-f]{2}|.)',
                  lambda m: chr(int(m[1][1:], 16)) if len(m[1]) > 1 else m[1],
                  text)


def requests(path):
    """[(stream, [(name, value)])] of the lines -> HEADERS."""
    found = []
    with open(path, encoding='ascii') as file:
        lines = [line for line in file if line.startswith('-> HEADERS ')]
    for line in lines:
        head, fields = line.rstrip('\n').split('  ', 1)
        if 'end_stream' not in head:
            raise ValueError(f'a request with a body: {line}')
        found.append((int(head.split()[2]), read_fields(fields)))
    return found


def read_fields(text):
    fields, at = [], 0
    while at < len(text):
        equals = text.index('=', at)
        name, at = text[at:equals], equals + 1
        if text[at:at + 1] == '"':
            word = WORD.match(text, at)
            value, at = plain(word[1]), word.end() + 1
        else:
            end = (text + ' ').index(' ', at)
            value, at = text[at:end], end + 1
        fields.append((name, value))
    return fields


def begin(port, tls, path):
    """All of them asked for, and none with more than the first window."""
    peer = p.Peer(port, bool(tls), settings=SETTINGS, keep_bodies=False)
    peer.hold_connection = True
    streams = {}
    for sid, fields in requests(path):
        name = dict(fields)[':path'].rsplit('/', 1)[1]
        streams[name] = peer.streams[sid] = p.Stream(sid)
        peer.h2.send_headers(sid, fields, end_stream=True)
    peer.flush()
    peer.until(lambda: all(s.status for s in streams.values()), 'all heads')
    return peer, streams


def page(port, tls, path):
    name = os.path.basename(path)[:-len('.txt')]
    peer, streams = begin(port, tls, path)
    groups = ORDERS[name]
    whole = 1 << 20
    asked = [n for n in streams if n != 'favicon.ico']
    p.same(sorted(asked), sorted(sum(groups, [])), f'{name}: what is asked for')
    p.same([n for n in asked if streams[n].status != 200], [],
           f'{name}: all is there')
    peer.h2.increment_flow_control_window(1 << 28)
    peer.flush()
    for i, group in enumerate(groups):
        peer.until(lambda: all(streams[n].done for n in group), str(group))
        late = {n: streams[n].size for n in sum(groups[i + 1:], [])}
        # A sixteenth is for what would starve.
        done = whole * len(sum(groups[:i + 1], []))
        p.ok(sum(late.values()) < whole / 4 + done / 16,
             f'{name}: {", ".join(group)} before all others', late)
    ends = [sid for kind, sid in peer.order if kind == 'StreamEnded']
    for group in IN_TURN[name]:
        ids = [streams[n].id for n in group]
        p.same([sid for sid in ends if sid in ids], ids,
               f'{name}: {", ".join(group)} one after the other')
    peer.close()


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
