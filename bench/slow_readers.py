# SPDX-License-Identifier: Apache-2.0
"""Many clients of one file that read as slowly as they can.

python3 slow_readers.py PORT PATH COUNT window|socket SECONDS
window: reads all that comes, but gives 1 KB of credit a second.
socket: gives all credit at once, but reads 1 KB a second from a socket with
a small buffer.
A line is printed when all have asked and either all have got something, or
FIRST_SECONDS are over; it says how many.  At the end of its standard input,
or after SECONDS, it says how many connections the server has closed, and
ends.  It knows nothing of frames: HTTP/2 leaves it in peace.
"""

import select
import struct
import sys
import time

from client import ACK, SETTINGS, WIDE, WINDOW, connect, frame, get, more_files
from client import opening

BUFFER = 4096
PIECE = 1024
FIRST_SECONDS = 10
# Each has a turn once a second, a few of them at a time.
SLICES = 50


class Reader:
    def __init__(self, port, path, kind):
        self.by_window = kind == 'window'
        self.sock = connect(port, None if self.by_window else BUFFER)
        self.is_open = True
        self.has_data = False
        self.sock.sendall(opening(65535 if self.by_window else WIDE)
                          + get(path, 1))
        self.sock.setblocking(False)

    def turn(self):
        """What is due once a second."""
        if not self.is_open:
            return
        try:
            self.read()
            if self.has_data and self.by_window:
                credit = struct.pack('>I', PIECE)
                self.sock.send(frame(WINDOW, 0, 0, credit)
                               + frame(WINDOW, 0, 1, credit))
        except BlockingIOError:
            pass
        except OSError:
            self.is_open = False

    def read(self):
        data = self.sock.recv(1 << 20 if self.by_window else PIECE)
        if not data:
            self.is_open = False
            return
        if not self.has_data:
            # SETTINGS is the first that a server says.
            self.has_data = True
            self.sock.send(frame(SETTINGS, ACK, 0))


def ended(seconds):
    """Waits for that long: nobody writes to us, so it is the end."""
    return bool(select.select([sys.stdin], [], [], max(0, seconds))[0])


def main(port, path, count, kind, seconds):
    more_files()
    begin = time.monotonic()
    readers = [Reader(int(port), path, kind) for _ in range(int(count))]
    told = False
    number = 0
    asked = time.monotonic()
    while time.monotonic() < begin + float(seconds):
        for reader in readers[number % SLICES::SLICES]:
            reader.turn()
        number += 1
        served = sum(reader.has_data for reader in readers)
        if not told and (served == len(readers) or
                         time.monotonic() > asked + FIRST_SECONDS):
            told = True
            print(served, flush=True)
        if ended(asked + number / SLICES - time.monotonic()):
            break
    print(sum(not reader.is_open for reader in readers), flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
