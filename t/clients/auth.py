# SPDX-License-Identifier: Apache-2.0
"""Digest authentication and logging in by a form, over HTTP/2."""

import hashlib
import re
import sqlite3

import h2peer as p

COUNT = 20
FORM = [('content-type', 'application/x-www-form-urlencoded')]


def database(path, password):
    """Users for mod_authn_dbd."""
    base = sqlite3.connect(path)
    base.execute('CREATE TABLE users (name TEXT, password TEXT, team TEXT)')
    base.executemany('INSERT INTO users VALUES (?, ?, ?)', [
        ('alice', password, 'staff'), ('bob', password, 'guests')])
    base.commit()
    base.close()
    p.ok(True, 'a database')


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def answer_of(challenge, path, count, password='secret', cut=''):
    """The Authorization field for a GET, RFC 7616."""
    word = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    one = md5(f'alice:{word["realm"]}:{password}')
    nc = f'{count:08x}'
    response = md5(f'{one}:{word["nonce"]}:{nc}:ours:auth:'
                   + md5(f'GET:{path}'))
    return ('Digest username="alice", realm="{realm}", nonce="{nonce}",'
            ' algorithm=MD5, uri="{path}", qop=auth, nc={nc},'
            ' cnonce="ours", response="{response}"').format(
                path=path, nc=nc, response=response[len(cut):] + cut, **word)


def digest(port, tls, way):
    """One nonce for many streams; wrong answers are refused."""
    peer = p.Peer(port, tls=bool(tls))
    path = '/digest/page.txt'
    challenge = peer.get(path).head['www-authenticate']

    def open_with(number, **how):
        field = answer_of(challenge, path, number, **how)
        return peer.open(path=path, fields=[('authorization', field)])

    streams = [open_with(i + 1) for i in range(COUNT)]
    bad = [open_with(100, password='wrong'), open_with(101, cut='0000')]
    peer.finish(*streams, *bad)
    p.same({(s.status, bytes(s.body)) for s in streams},
           {(200, b'page of digest\n')}, f'{way}: {COUNT} digests at once')
    p.ok('rspauth' in streams[0].head.get('authentication-info', ''),
         f'{way}: Authentication-Info', streams[0].head)
    p.same([s.status for s in bad], [401, 401], f'{way}: wrong ones: 401')
    other = peer.open(path='/digest/other.txt', fields=[
        ('authorization', answer_of(challenge, path, 50))])
    peer.finish(other)
    p.same(other.status, 400, f'{way}: one for another path: 400')


def form(port, tls, way):
    """Log in, and come again with the cookie."""
    peer = p.Peer(port, tls=bool(tls))

    def login(password):
        stream = peer.open('POST', '/login', FORM, end=False)
        peer.send(stream, b'httpd_username=alice&httpd_password=' + password,
                  end=True)
        peer.finish(stream)
        return stream

    away = peer.get('/form/page.txt')
    p.same((away.status, away.head.get('location', '')[-11:]),
           (302, '/login.html'), f'{way}: without a session: to the form')
    p.same(bytes(peer.get('/login.html').body), b'log in here\n',
           f'{way}: the form')
    wrong = login(b'wrong')
    p.ok(wrong.status in (302, 401) and 'page.txt' not in
         wrong.head.get('location', ''), f'{way}: a wrong password',
         wrong.head)
    good = login(b'secret')
    p.same((good.status, good.head.get('location', '')[-14:]),
           (302, '/form/page.txt'), f'{way}: the right one')
    cookie = good.head.get('set-cookie', '').split(';')[0]
    p.ok(cookie.startswith('session=') and 'alice' not in cookie,
         f'{way}: a cookie that nobody can read', cookie)
    streams = [peer.open(path='/form/page.txt', fields=[('cookie', cookie)])
               for _ in range(COUNT)]
    forged = peer.open(path='/form/page.txt',
                       fields=[('cookie', cookie[:-9] + 'AAAAAAAA')])
    peer.finish(*streams, forged)
    p.same({(s.status, bytes(s.body)) for s in streams},
           {(200, b'page of form\n')}, f'{way}: {COUNT} with it at once')
    p.same(forged.status, 302, f'{way}: a forged one')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
