# SPDX-License-Identifier: Apache-2.0
"""The same request over HTTP/1.1 and, many at once, over HTTP/2.

A case is a JSON object:
  path     {i} in it, in fields and in the body is one of five numbers
  method, fields ([[name, value], ...]), body (text), user ("name:password")
  count    how many at once over HTTP/2 (20)
  status   of both (200)
  like     a regex for the body of both; unlike: one that it must not fit
  head     {name: regex, or null for a field that must not be there}
  pack     true: the body is sent compressed by gzip
  spread   {field: [values]}: over HTTP/2 all of them occur, and no other
  known    true: all say how long the body is, not every other one
  zip      "gzip" or "br": the body is compressed, and is compared unpacked
  cut      a regex: what differs from request to request, taken out of bodies
           and fields before they are compared
  loose    names of fields that are not compared
"""

import base64
import gzip
import http.client
import json
import re
import ssl
import time
import zlib

import h2peer as p

COUNT = 20
DISTINCT = 5
# What HTTP/2 has not, or is another one each second.
LOOSE = {'date', 'connection', 'keep-alive', 'transfer-encoding', 'upgrade',
         'age', 'content-length'}


class Answer:
    def __init__(self, status, fields, body, why=''):
        self.status, self.body, self.why = status, bytes(body), why
        self.head = {}
        for name, value in fields:
            name = name.lower()
            self.head[name] = (f'{self.head[name]}, {value}'
                               if name in self.head else value)

    def __repr__(self):
        return f'{self.status} {self.why} {self.head} {self.body[:300]!r}'


def fill(case, number):
    """The case with {i} filled in."""
    return json.loads(json.dumps(case).replace('{i}', str(number)))


def fields_of(case):
    fields = [(name.lower(), value) for name, value in case.get('fields', ())]
    if 'user' in case:
        secret = base64.b64encode(case['user'].encode()).decode()
        fields.append(('authorization', 'Basic ' + secret))
    return fields


def body_of(case):
    body = case.get('body', '').encode()
    return gzip.compress(body, mtime=0) if case.get('pack') else body


def over_http1(port, tls, case):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    link = (http.client.HTTPSConnection('127.0.0.1', port, context=context,
                                        timeout=p.DEADLINE) if tls else
            http.client.HTTPConnection('127.0.0.1', port,
                                       timeout=p.DEADLINE))
    link.putrequest(case.get('method', 'GET'), case['path'], skip_host=True,
                    skip_accept_encoding=True)
    link.putheader('Host', f'localhost:{port}')
    for name, value in fields_of(case):
        link.putheader(name, value)
    body = body_of(case)
    if 'body' in case:
        link.putheader('Content-Length', str(len(body)))
    link.endheaders(body or None)
    got = link.getresponse()
    try:
        answer = Answer(got.status, got.getheaders(), got.read())
    except http.client.IncompleteRead as cut:
        answer = Answer(got.status, got.getheaders(), cut.partial, 'cut')
    link.close()
    return answer


def over_http2(peer, cases):
    streams = []
    for at, case in enumerate(cases):
        fields = fields_of(case)
        if 'body' in case and (case.get('known') or at % 2):
            fields.append(('content-length', str(len(body_of(case)))))
        streams.append(peer.open(case.get('method', 'GET'), case['path'],
                                 fields, end='body' not in case))
    for stream, case in zip(streams, cases):
        if 'body' in case:
            peer.send(stream, body_of(case), end=True)
    peer.finish(*streams)
    return [Answer(s.status, [f for f in getattr(s, 'fields', ())
                              if f[0][0] != ':'], s.body,
                   '' if s.ended else f'reset {s.reset}') for s in streams]


def unpack(kind, body):
    if kind == 'gzip':
        return zlib.decompress(body, 31)
    # Python has no brotli; what it says of itself is all there is.
    return body


def content(case, answer):
    body = answer.body
    if 'zip' in case and case.get('method') != 'HEAD':
        body = unpack(case['zip'], body)
    return body


def wrong(case, answer):
    """What the answer lacks, over either protocol; None if nothing."""
    if answer.status != case.get('status', 200) or answer.why:
        return 'status'
    body = content(case, answer).decode('latin-1')
    if 'like' in case and not re.search(case['like'], body, re.M | re.S):
        return f'body: no {case["like"]}'
    if 'unlike' in case and re.search(case['unlike'], body, re.M | re.S):
        return f'body: has {case["unlike"]}'
    for name, regex in case.get('head', {}).items():
        value = answer.head.get(name.lower())
        if (value is None) != (regex is None) \
                or regex and not re.search(regex, value):
            return f'field {name}: {value!r}'
    return None


def comparable(case, answer):
    """What must be the same over both protocols."""
    cut = re.compile(case.get('cut', r'(?!)'), re.M | re.S)
    loose = LOOSE | {name.lower() for name in case.get('loose', ())}
    body = content(case, answer).decode('latin-1')
    head = {name: re.sub(r',\s*', ', ', cut.sub('', value))
            for name, value in answer.head.items()
            if name not in loose}
    # It is weak for a second after a file was written.
    if head.get('etag', '').startswith('W/'):
        head['etag'] = head['etag'][2:]
    return answer.status, head, cut.sub('', body)


def difference(one, two):
    for name, a, b in zip(('status', 'fields', 'body'), one, two):
        if a == b:
            continue
        if name == 'fields':
            a, b = ({n: x.get(n) for n in sorted(a.keys() | b.keys())
                     if a.get(n) != b.get(n)} for x in (a, b))
        if name == 'body':
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y),
                      min(len(a), len(b)))
            a, b = (f'{len(t)} octets, at {at}: {t[max(at - 20, 0):at + 80]}'
                    for t in (a, b))
        return f'{name}: HTTP/1.1 {a!r}, HTTP/2 {b!r}'
    return None


def ask(way, port, tls, spec):
    """All cases, one after the other, on one connection."""
    peer = p.Peer(port, tls=bool(tls))
    with open(spec, encoding='utf-8') as cases:
        spec = json.load(cases)
    for case in spec:
        name = f'{way}: {case.get("method", "GET")} {case["path"]}'
        if 'name' in case:
            name += f' ({case["name"]})'
        count = case.get('count', COUNT)
        distinct = DISTINCT if '{i}' in json.dumps(case) else 1
        cases = [fill(case, i % distinct) for i in range(count)]
        olds = [over_http1(port, tls, c) for c in cases[:distinct]]
        for one, old in zip(cases, olds):
            why = wrong(one, old)
            if why:
                p.ok(False, f'{name}: over HTTP/1.1', f'{why}: {old!r}')
                break
        news = over_http2(peer, cases)
        for at, (one, new) in enumerate(zip(cases, news)):
            why = wrong(one, new)
            if not why:
                why = difference(comparable(one, olds[at % len(olds)]),
                                 comparable(one, new))
            if why:
                break
        for field, wanted in case.get('spread', {}).items():
            seen = {new.head.get(field) for new in news}
            if not why and seen != set(wanted):
                why = f'{field}: {seen}'
        p.ok(not why, f'{name}: {count} at once, as over HTTP/1.1',
             f'number {at}: {why}: {new!r}')
        for stream in list(peer.streams):
            del peer.streams[stream]
    p.ok(not peer.goaway, f'{way}: the connection goes on', peer.goaway)
    peer.close()


# 150,000 octets at 200 KB in a second, a fifth of that at a time.
LEAST = 0.5


def ratelimit(way, port, tls, threaded):
    """One that trickles, whole, and others beside it that do not wait."""
    peer = p.Peer(port, tls=bool(tls))
    slow = peer.open(path='/rate.bin')
    begun = time.monotonic()
    peer.until(lambda: slow.size > 0, 'the first octets')
    free = [peer.open(path='/free.bin') for _ in range(COUNT)]
    peer.finish(*free)
    if threaded and way in ('auto', 'worker', 'tls'):
        p.ok(not slow.done, f'{way}: those without a limit are first',
             slow.size)
    peer.finish(slow)
    took = time.monotonic() - begun
    p.ok(took >= LEAST, f'{way}: the limited one takes its time', took)
    p.same((slow.status, bytes(slow.body)), (200, b'r' * 150000),
           f'{way}: and is whole')
    p.same({(s.status, bytes(s.body)) for s in free},
           {(200, b'f' * 150000)}, f'{way}: so are the others')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
