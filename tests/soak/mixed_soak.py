#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mixed load for minutes: files, scripts, a proxy, uploads, resets, lost
clients and now and then a graceful restart.  What is lost, and what grows?

Usage: tests/soak/mixed_soak.py --module mod_h2x/.libs/mod_h2x.so
           [--mpm event|worker|prefork] [--seconds 30] [--every 6]
           [--apxs apxs] [--log 'h2x:trace2'] [--keep DIR]

Speaks TAP; the figures are on the line that begins with "# storm:".
"""

import argparse
import statistics
import sys
import time

sys.dont_write_bytecode = True

import restart_storm  # noqa: E402 (found beside this file)
import storm_client  # noqa: E402
import storm_httpd  # noqa: E402

Role, get, post = storm_client.Role, storm_client.get, storm_client.post

# A child's first part, in which it grows to what its load needs.
WARM = 0.4
# Kilobytes and descriptors by which load that is different at each moment
# may differ.
ROOM_KB, ROOM_FILES = 2500, 40


def roles(tls, files, script):
    """script: of the proxy; here it runs scripts itself, too."""
    here = script.removeprefix('/proxy')
    endless = [(here.replace('count', 'endless'), 0, 0, 0)]
    large = get(files, '/1m.bin', '/proxy/1m.bin')
    return [
        Role('small', tls, get(files, '/100.txt', '/10k.bin'), 6, most=2000),
        Role('fresh', tls, get(files, '/100.txt'), 1, most=1),
        Role('large', tls, large, 2, pause=0.05),
        Role('proxied', tls, get(files, '/proxy/100.txt', '/proxy/10k.bin'),
             4, pause=0.01),
        Role('script', tls, post(here, 100) + post(here, 0), 2, pause=0.02),
        Role('slow script', tls, post(here, 0, '?sleep'), 3),
        Role('upload', tls, post(here, 200000) + post(script, 200000), 2,
             pause=0.1),
        Role('trickled upload', tls, post(here, 60000), 1, trickle=4000),
        Role('window', tls, large, 2, credit=32768),
        Role('socket', tls, large, 1, reads=40000),
        Role('idle', tls, get(files, '/100.txt'), 1, pause=3.0),
        Role('reset', tls, large + post(here, 0, '?sleep')
             + post(here, 300000), 4, resets=0.2, pause=0.2, most=100),
        Role('reset script', tls, endless, 2, resets=0.1, pause=0.2, most=50),
        Role('vanishing', tls, large + post(here, 0, '?sleep') + endless, 4,
             resets=0.05, vanish=0.2, pause=0.1),
    ]


class Watch(restart_storm.Watch):
    """The same, and how each generation's children grow in their time."""

    def __init__(self, server, every):
        super().__init__(server, every)
        self.lives = [[]]
        self.next_look = 0.0

    def tick(self, now):
        restarts = self.restarts
        super().tick(now)
        if self.restarts > restarts:
            self.lives.append([])
        elif now >= self.next_look:
            self.next_look = now + 0.5
            young = self.young()
            self.lives[-1].append((
                max(map(storm_httpd.resident_kb, young), default=0),
                max(map(storm_httpd.open_files, young), default=0)))


def judge_lives(tap, watch):
    """No child grows all its life."""
    for column, name, room in ((0, 'resident kB', ROOM_KB),
                               (1, 'open files', ROOM_FILES)):
        found = []
        for life in watch.lives:
            grown = [entry[column] for entry in
                     life[int(len(life) * WARM):]]
            if len(grown) < 4:
                continue
            half = len(grown) // 2
            found.append((statistics.median(grown[:half]),
                          statistics.median(grown[half:])))
        bad = [ends for ends in found if ends[1] > ends[0] * 1.1 + room]
        tap.ok(found and not bad, f"a child's {name} are level", *bad)
        tap.note(f'{name}, earlier and later: '
                 + ', '.join(f'{a:.0f} {b:.0f}' for a, b in found))


def wait_until(cond, seconds):
    end = time.monotonic() + seconds
    while not cond() and time.monotonic() < end:
        time.sleep(0.05)
    return cond()


def soak(tap, opts, folder):
    docs = f'{folder}/docs'
    files = storm_httpd.make_files(docs)
    back = storm_httpd.Httpd(f'{folder}/back', opts.apxs, 'event', docs=docs)
    front = storm_httpd.Httpd(f'{folder}/front', opts.apxs, opts.mpm,
                              opts.module, opts.log, scripts=True, docs=docs,
                              back=back.ports[0])
    status = None
    try:
        back.start()
        front.start()
        load = storm_client.Load(*front.ports, files, '/proxy/cgi/count',
                                 roles)
        watch = Watch(front, opts.every)
        end = time.monotonic() + opts.seconds
        load.run(lambda now: now >= end, watch.tick)
        load.finish(30, watch.look)
        watch.wait_for_old(storm_httpd.TIMEOUT + 5)
        left = sorted(watch.old)
        scripts = f'{docs}/cgi/'
        wait_until(lambda: not storm_httpd.processes_of(scripts), 10)
        tap.ok(not storm_httpd.processes_of(scripts),
               'no script is left when its client is gone',
               storm_httpd.processes_of(scripts))
        everybody = front.children() | set(left)
        status = front.stop()
        left += [pid for pid in everybody
                 if storm_httpd.is_alive(pid) and pid not in left]
    finally:
        if status is None:
            front.stop()
        back.stop()
    judge_lives(tap, watch)
    tap.note(f'{load.stats["given up"]} given up by their client')
    restart_storm.judge(tap, opts, load, watch, left, status, front.log())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    restart_storm.add_options(parser, seconds=30, every=6)
    return restart_storm.run(soak, parser.parse_args())


if __name__ == '__main__':
    sys.exit(main())
