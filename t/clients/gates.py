# SPDX-License-Identifier: Apache-2.0
"""Handlers that run until a test lets them end, and what the log says.

A gate is a name; its files are in a folder that server and client share:
NAME.begun and NAME.done are the handler's (h2xtest-gate, gate.pl), NAME.open
is ours.  The error log is read at LogLevel h2x:debug, by the numbers of its
lines: 1101 to a worker, 1102 inline, 1105 a worker's run is over.
"""

import atexit
import os
import re
import time

import h2peer as p

THROUGH = b'through\n'


def wait_for(cond, seconds=p.DEADLINE):
    end = time.monotonic() + seconds
    while not cond():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Gate:
    def __init__(self, folder, name):
        self.base, self.name = os.path.join(folder, name), name

    def has(self, what):
        return os.path.exists(f'{self.base}.{what}')

    def open(self):
        with open(f'{self.base}.open', 'w', encoding='ascii'):
            pass

    def await_(self, what):
        if not wait_for(lambda: self.has(what)):
            raise p.Deadline(f'{self.name}.{what}')


def gates(folder, word, count):
    """So many of them; the word is the test's own.  None stays shut."""
    some = [Gate(folder, f'{word}-{os.getpid()}-{i}') for i in range(count)]
    for gate in some:
        atexit.register(gate.open)
    return some


class Log:
    """What is said from now on."""

    def __init__(self, path):
        self.path = path
        self.at = os.path.getsize(path)

    def lines(self, regex):
        with open(self.path, encoding='utf-8', errors='replace') as log:
            log.seek(self.at)
            return [line for line in log
                    if line.endswith('\n') and re.search(regex, line)]

    def count(self, regex):
        return len(self.lines(regex))

    def await_(self, regex, count=1):
        wait_for(lambda: self.count(regex) >= count)
        return self.lines(regex)


def in_time(name, seconds, attempt, tries=30):
    """What has to happen before a time is over, on a machine that may be busy.

    attempt() gives how long it took and whether it was as wanted; one that
    took longer than so many seconds says nothing, and is made again.
    """
    for _ in range(tries):
        took, good, *more = attempt()
        if took < seconds:
            return p.ok(good, name, more)
    return p.ok(False, f'{name}: {tries} tries took too long', (took, more))
