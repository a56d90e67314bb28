#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Graceful restarts, one after the other, under mixed load: what is lost?

Usage: tests/soak/restart_storm.py --module mod_h2x/.libs/mod_h2x.so
           [--mpm event|worker|prefork] [--seconds 60] [--every 2]
           [--apxs apxs] [--log 'h2x:trace2'] [--keep DIR]

Speaks TAP; the figures are on the line that begins with "# storm:".  With
--module .../mod_http2.so the same is done to mod_http2, for comparison.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import storm_client  # noqa: E402 (found beside this file)
import storm_httpd  # noqa: E402

# Nobody reads slower than a megabyte in so many seconds, so an old child
# that lives longer after its restart than this and Timeout has no reason.
SLOW = 8


class Watch:
    """The server's processes through all restarts."""

    def __init__(self, server, every):
        self.server, self.every = server, every
        self.next_at = time.monotonic() + every
        self.restarts = 0
        self.old = {}           # pid: when it became old
        self.most_old = 0
        self.longest = 0.0
        self.rss, self.fds, self.child_rss, self.child_fds = [], [], [], []

    def look(self, now):
        for pid in [pid for pid in self.old if not storm_httpd.is_alive(pid)]:
            self.longest = max(self.longest, now - self.old.pop(pid))
        self.most_old = max(self.most_old, len(self.old))

    def young(self):
        """The children of the newest generation."""
        return self.server.children() - set(self.old)

    def tick(self, now):
        self.look(now)
        if now < self.next_at:
            return
        self.next_at = now + self.every
        pid = self.server.process.pid
        self.rss.append(storm_httpd.resident_kb(pid))
        self.fds.append(storm_httpd.open_files(pid))
        young = self.young()
        self.child_rss.append(max(map(storm_httpd.resident_kb, young),
                                  default=0))
        self.child_fds.append(max(map(storm_httpd.open_files, young),
                                  default=0))
        for child in young:
            self.old[child] = now
        self.server.signal(signal.SIGUSR1)
        self.restarts += 1

    def wait_for_old(self, seconds):
        end = time.monotonic() + seconds
        while self.old and time.monotonic() < end:
            time.sleep(0.02)
            self.look(time.monotonic())


class Tap:
    def __init__(self):
        self.count = self.bad = 0

    def note(self, text):
        for line in str(text).splitlines():
            print(f'# {line}', flush=True)

    def ok(self, cond, name, *details):
        self.count += 1
        self.bad += not cond
        print(f'{"ok" if cond else "not ok"} {self.count} - {name}',
              flush=True)
        if not cond:
            for detail in details[:12]:
                self.note(detail)

    def end(self):
        print(f'1..{self.count}')
        return 1 if self.bad else 0


def levels(series):
    """The most in its first half and in its last, the very first left out:
    a child that has just begun, or has not yet, says little."""
    series = series[1:] or series
    half = max(1, len(series) // 2)
    return max(series[:half]), max(series[-half:])


def judge_levels(tap, watch):
    for name, series, room in (
            ("parent's resident kB", watch.rss, 3000),
            ("parent's open files", watch.fds, 3),
            ("largest child's resident kB", watch.child_rss, 6000),
            ("largest child's open files", watch.child_fds, 40)):
        tap.note(f'{name}: {" ".join(map(str, series))}')
        if len(series) < 4:
            continue
        first, last = levels(series)
        tap.ok(last <= first * 1.1 + room, f'level: {name}',
               f'{first:.0f} at the beginning, {last:.0f} at the end')


def judge(tap, opts, load, watch, left, status, log):
    stats = load.stats
    tap.ok(watch.restarts >= int(opts.seconds / opts.every * 0.8),
           f'{watch.restarts} restarts')
    silent = {role.name for role in load.roles} - set(load.by_role)
    tap.ok(not silent, 'every kind of client got answers', *silent)
    tap.ok(not load.lost, 'no request is lost', *load.lost)
    tap.ok(not load.wrong, 'no answer is wrong', *load.wrong)
    tap.ok(not load.failed, 'every connection comes about', *load.failed)
    tap.ok(not left, 'no child of an older generation is left', left)
    most = storm_httpd.TIMEOUT + SLOW
    tap.ok(watch.longest <= most,
           f'no old child stayed for more than {most} s', watch.longest)
    judge_levels(tap, watch)
    bad = [line for line in log.splitlines()
           if any(word in line for word in (
               'exit signal', 'did not exit', 'Assertion', 'assertion',
               'is full', ':emerg', ':crit', ':alert'))]
    tap.ok(not bad, 'the error log tells of no accident', *bad)
    tap.ok(status == 0, 'the server stops by itself', status)
    tap.note(
        f'storm: {os.path.basename(opts.module)} {opts.mpm} '
        f'{opts.seconds:g} s, {watch.restarts} restarts: '
        f'{stats["answered"]} answered, {stats["refused"]} refused '
        f'retryably, {stats["lost"]} lost, {stats["wrong"]} wrong, '
        f'{stats["connections"]} connections, {stats["failed"]} failed; '
        f'slowest {load.slowest[0]:.2f} s ({load.slowest[1]}); '
        f'old children: {watch.most_old} at most, for '
        f'{watch.longest:.1f} s at most, {len(left)} left')
    tap.note('answered: ' + ', '.join(
        f'{name} {count}' for name, count in sorted(load.by_role.items())))


def storm(tap, opts, folder):
    files = storm_httpd.make_files(f'{folder}/docs')
    back = storm_httpd.Httpd(f'{folder}/back', opts.apxs, 'event',
                             docs=f'{folder}/docs')
    front = storm_httpd.Httpd(f'{folder}/front', opts.apxs, opts.mpm,
                              opts.module, opts.log, docs=f'{folder}/docs',
                              back=back.ports[0])
    status = None
    try:
        back.start()
        front.start()
        load = storm_client.Load(*front.ports, files,
                                 '/proxy/cgi/count')
        watch = Watch(front, opts.every)
        end = time.monotonic() + opts.seconds
        load.run(lambda now: now >= end, watch.tick)
        load.finish(30, watch.look)
        watch.wait_for_old(storm_httpd.TIMEOUT + 5)
        left = sorted(watch.old)
        everybody = front.children() | set(left)
        status = front.stop()
        left += [pid for pid in everybody
                 if storm_httpd.is_alive(pid) and pid not in left]
    finally:
        if status is None:
            front.stop()
        back.stop()
    judge(tap, opts, load, watch, left, status, front.log())


def add_options(parser, seconds, every):
    parser.add_argument('--module', required=True)
    parser.add_argument('--mpm', default='event',
                        choices=('event', 'worker', 'prefork'))
    parser.add_argument('--seconds', type=float, default=seconds)
    parser.add_argument('--every', type=float, default=every)
    parser.add_argument('--apxs', default='apxs')
    parser.add_argument('--log', default='', help='added to LogLevel info')
    parser.add_argument('--keep', help='run in this folder and keep it')


def run(what, opts):
    """what(tap, opts, folder) in a folder that goes; the exit status."""
    # What ends us must end the servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = opts.keep or tempfile.mkdtemp(prefix='h2x-storm.')
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o755)
    tap = Tap()
    try:
        what(tap, opts, os.path.abspath(folder))
    except storm_httpd.Failed as error:
        tap.ok(False, 'a server to test', error)
    finally:
        if not opts.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return tap.end()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser, seconds=60, every=2)
    return run(storm, parser.parse_args())


if __name__ == '__main__':
    sys.exit(main())
