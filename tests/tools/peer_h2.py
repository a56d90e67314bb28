#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# peer_h2.py - the other end for peer_client and peer_server, by python3-h2.
#
#   peer_h2.py server        listens on the loopback address and says on which
#                            port; its paths are those of peer_server.c
#   peer_h2.py client PORT   asks peer_server for each of them; speaks TAP

import os
import socket
import sys

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

BIG = 1048576
PERIOD = bytes(range(251))
PATTERN = PERIOD * (BIG // 251 + 2)
TIMEOUT = 120


def fields_of(event):
    return {name: value for name, value in event.headers}


class End:
    """A connection, with bodies that wait for the peer's windows."""

    def __init__(self, sock, client):
        self.sock = sock
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=client,
                                      header_encoding="utf-8"))
        self.bodies = {}  # stream: [octets, trailers]
        self.unread = b""
        self.awaits_preface = not client
        self.is_left = False  # by GOAWAY, behind which h2 takes no frame

    def flush(self):
        octets = self.h2.data_to_send()
        if octets:
            self.sock.sendall(octets)

    def give(self, stream, octets, trailers=None):
        self.bodies[stream] = [octets, trailers]
        self.go_on()

    def go_on(self):
        for stream in list(self.bodies):
            octets, trailers = self.bodies[stream]
            try:
                room = self.h2.local_flow_control_window(stream)
                size = self.h2.max_outbound_frame_size
                while octets and room > 0:
                    piece = octets[:min(size, room)]
                    octets = octets[len(piece):]
                    self.h2.send_data(stream, piece)
                    room -= len(piece)
                self.bodies[stream][0] = octets
                if octets:
                    continue
                if trailers:
                    self.h2.send_headers(stream, trailers, end_stream=True)
                else:
                    self.h2.end_stream(stream)
            except (h2.exceptions.StreamClosedError,
                    h2.exceptions.ProtocolError):
                pass
            del self.bodies[stream]

    def next_frame(self):
        length = 24 if self.awaits_preface else \
            9 + int.from_bytes(self.unread[:3], "big")
        if len(self.unread) < max(9, length):
            return None
        frame, self.unread = self.unread[:length], self.unread[length:]
        self.awaits_preface = False
        return frame

    def take(self, octets):
        self.unread += octets
        events = []
        frame = self.next_frame()
        while frame and not self.is_left:
            for event in self.h2.receive_data(frame):
                events.append(event)
                if isinstance(event, h2.events.DataReceived):
                    self.h2.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.ConnectionTerminated):
                    self.is_left = True
            frame = self.next_frame()
        return events

    def read(self):
        """Events; none and no more when the peer is gone."""
        self.go_on()
        self.flush()
        octets = self.sock.recv(65536)
        if not octets:
            return None
        events = self.take(octets)
        self.go_on()
        self.flush()
        return events


# ---- a server ----------------------------------------------------------------


class Server(End):
    def __init__(self, sock):
        super().__init__(sock, False)
        self.requests = {}  # stream: [path, octets, trailer]
        self.pinged = None
        self.reset_by = 0

    def line(self, stream, text):
        self.h2.send_headers(stream, [(":status", "200")])
        self.give(stream, text.encode())

    def big(self, stream, head=False):
        self.h2.send_headers(stream, [(":status", "200"),
                                      ("content-length", str(BIG))],
                             end_stream=head)
        if not head:
            self.give(stream, PATTERN[:BIG])

    def push(self, stream):
        promised = self.h2.get_next_available_stream_id()
        self.h2.push_stream(stream, promised, [
            (":method", "GET"), (":scheme", "http"), (":path", "/big"),
            (":authority", "localhost")])
        self.line(stream, "pushed\n")
        self.big(promised)

    def answer(self, stream, method, path, octets, trailer):
        if path == "/big":
            self.big(stream, method == "HEAD")
        elif path == "/echo":
            self.h2.send_headers(stream, [(":status", "200")])
            self.give(stream, octets, [("x-count", str(len(octets)))])
        elif path == "/upload":
            whole = octets == PATTERN[:len(octets)]
            self.h2.send_headers(stream, [(":status", "200")])
            self.give(stream, b"x", [("x-count", "%d %s %s" % (
                len(octets), "whole" if whole else "broken", trailer))])
        elif path == "/info":
            self.h2.send_headers(stream, [(":status", "103"), ("link", "x")])
            self.line(stream, "after 103\n")
        elif path == "/trailers":
            self.h2.send_headers(stream, [(":status", "200")])
            self.give(stream, PATTERN[:1000], [("x-count", "1000")])
        elif path == "/push":
            self.push(stream)
        elif path == "/ping":
            self.pinged = stream
            self.h2.ping(b"12345678")
        elif path == "/reset":
            self.h2.send_headers(stream, [(":status", "200")])
            self.h2.reset_stream(stream, 2)
        elif path == "/refuse":
            self.h2.reset_stream(stream, 7)
        elif path == "/goaway":
            self.line(stream, "bye\n")
            self.h2.close_connection(additional_data=b"enough",
                                     last_stream_id=stream)
            self.is_left = True
        elif path == "/log":
            self.h2.send_headers(stream, [(":status", "200")])
            self.give(stream, b"x", [("x-count", "reset by %d"
                                      % self.reset_by)])
        elif path != "/wait":
            self.line(stream, "Hello from python3-h2\n")

    def on_event(self, event):
        if isinstance(event, h2.events.RequestReceived):
            fields = fields_of(event)
            self.requests[event.stream_id] = [
                fields[":method"], fields[":path"], bytearray(), ""]
        elif isinstance(event, h2.events.DataReceived):
            self.requests[event.stream_id][2] += event.data
        elif isinstance(event, h2.events.TrailersReceived):
            self.requests[event.stream_id][3] = fields_of(event).get(
                "x-trailer", "")
        elif isinstance(event, h2.events.StreamEnded):
            method, path, octets, trailer = self.requests.pop(event.stream_id)
            self.answer(event.stream_id, method, path, bytes(octets), trailer)
        elif isinstance(event, h2.events.StreamReset):
            self.reset_by = int(event.error_code)
            self.bodies.pop(event.stream_id, None)
        elif isinstance(event, h2.events.PingAckReceived) and self.pinged:
            self.line(self.pinged, "it came back\n")

    def serve(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.sock.recv(65536) or b"\r\n\r\n"
        events = []
        if head.startswith(b"PRI"):
            self.h2.initiate_connection()
            events = self.take(head)
        else:
            head, rest = head.split(b"\r\n\r\n", 1)
            lines = head.decode().split("\r\n")
            settings = [line.split(": ")[1] for line in lines
                        if line.startswith("HTTP2-Settings")][0]
            self.sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\n"
                              b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
            self.h2.initiate_upgrade_connection(settings.encode())
            method, path, _ = lines[0].split(" ")
            self.answer(1, method, path, b"", "")
            events = self.take(rest)
        while events is not None:
            for event in events:
                self.on_event(event)
            try:
                events = self.read()
            except ConnectionError:
                break


def serve():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        sock = listener.accept()[0]
        if os.fork() == 0:
            sock.settimeout(TIMEOUT)
            Server(sock).serve()
            os._exit(0)
        sock.close()


# ---- a client ----------------------------------------------------------------


class Answer:
    def __init__(self):
        self.status = None
        self.infos = []
        self.body = bytearray()
        self.trailers = {}
        self.reset = None
        self.pushed = None
        self.ended = False

    def line(self):
        return self.body.decode()


class Client(End):
    def __init__(self, port, upgrade=None):
        sock = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        super().__init__(sock, True)
        self.answers = {}
        self.goaway = None
        self.pong = None
        self.was_acked = False
        rest = b""
        if upgrade:
            rest = self.upgrade(upgrade)
        else:
            self.h2.initiate_connection()
        self.flush()
        self.on_events(self.take(rest) if rest else [])

    def upgrade(self, path):
        settings = self.h2.initiate_upgrade_connection()
        self.sock.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n"
                          b"Connection: Upgrade, HTTP2-Settings\r\n"
                          b"Upgrade: h2c\r\nHTTP2-Settings: %s\r\n\r\n"
                          % (path.encode(), settings))
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.sock.recv(65536)
        head, rest = head.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101")
        self.answers[1] = Answer()
        return rest

    def ask(self, path, method="GET", body=None, trailers=None, extra=()):
        stream = self.h2.get_next_available_stream_id()
        self.answers[stream] = Answer()
        self.h2.send_headers(stream, [
            (":method", method), (":scheme", "http"), (":path", path),
            (":authority", "localhost")] + list(extra),
            end_stream=body is None)
        if body is not None:
            self.give(stream, body, trailers)
        return stream

    def on_events(self, events):
        for event in events:
            answer = self.answers.get(getattr(event, "stream_id", None))
            if isinstance(event, h2.events.ResponseReceived):
                answer.status = fields_of(event)[":status"]
            elif isinstance(event, h2.events.InformationalResponseReceived):
                answer.infos.append(fields_of(event)[":status"])
            elif isinstance(event, h2.events.TrailersReceived):
                answer.trailers = fields_of(event)
            elif isinstance(event, h2.events.DataReceived):
                answer.body += event.data
            elif isinstance(event, h2.events.StreamEnded):
                answer.ended = True
            elif isinstance(event, h2.events.StreamReset):
                answer.reset = int(event.error_code)
                answer.ended = True
            elif isinstance(event, h2.events.PushedStreamReceived):
                self.answers[event.pushed_stream_id] = Answer()
                self.answers[event.parent_stream_id].pushed = \
                    event.pushed_stream_id
            elif isinstance(event, h2.events.PingAckReceived):
                self.pong = event.ping_data
            elif isinstance(event, h2.events.SettingsAcknowledged):
                self.was_acked = True
            elif isinstance(event, h2.events.ConnectionTerminated):
                self.goaway = event

    def until(self, holds):
        while not holds():
            events = self.read()
            if events is None:
                return False
            self.on_events(events)
        return True

    def finish(self, stream):
        self.until(lambda: self.answers[stream].ended)
        return self.answers[stream]

    def get(self, path, **more):
        return self.finish(self.ask(path, **more))


count = 0
failed = 0


def check(text, holds, seen=""):
    global count, failed
    count += 1
    failed += not holds
    print("%sok %d - %s" % ("" if holds else "not ", count, text))
    if not holds:
        print("# " + str(seen))


def check_answers(client):
    answer = client.get("/")
    check("GET", answer.status == "200" and answer.body, vars(answer))
    answer = client.get("/big")
    check("GET of 1 MiB", answer.body == PATTERN[:BIG], len(answer.body))
    answer = client.get("/big", method="HEAD")
    check("HEAD", answer.status == "200" and not answer.body, vars(answer))
    answer = client.get("/echo", method="POST", body=PATTERN[:BIG])
    check("POST of 1 MiB and back", answer.body == PATTERN[:BIG],
          len(answer.body))
    answer = client.get("/upload", method="POST", body=PATTERN[:50000],
                        trailers=[("x-trailer", "behind")])
    check("trailers of a request",
          answer.line() == "50000 octets, whole, trailer behind\n",
          answer.line())
    answer = client.get("/trailers")
    check("trailers of a response", answer.trailers == {"x-count": "1000"},
          answer.trailers)
    answer = client.get("/info")
    check("103", answer.infos == ["103"] and answer.status == "200",
          vars(answer))
    stream = client.ask("/push")
    answer = client.finish(stream)
    pushed = client.finish(answer.pushed)
    check("push", pushed.body == PATTERN[:BIG], len(pushed.body))


def check_control(client):
    streams = [client.ask("/big" if i % 10 == 0 else "/") for i in range(90)]
    answers = [client.finish(stream) for stream in streams]
    check("90 streams at once", all(answer.body for answer in answers))
    check("the big ones whole", all(len(answer.body) == BIG
                                    for answer in answers[::10]))
    answer = client.get("/reset")
    check("a reset by the server", answer.reset == 2, answer.reset)
    answer = client.get("/refuse")
    check("a refusal", answer.reset == 7, answer.reset)
    stream = client.ask("/wait")
    client.h2.reset_stream(stream, 8)
    check("a reset by the client", client.get("/log").line() == "reset by 8\n")
    client.h2.ping(b"abcdefgh")
    client.until(lambda: client.pong)
    check("PING", client.pong == b"abcdefgh", client.pong)
    answer = client.get("/ping")
    check("PING of the server", answer.line() == "it came back\n",
          answer.line())
    client.was_acked = False
    client.h2.update_settings({
        h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1000,
        h2.settings.SettingCodes.HEADER_TABLE_SIZE: 0})
    client.until(lambda: client.was_acked)
    answer = client.get("/big")
    check("a window of 1000 octets, no table", answer.body == PATTERN[:BIG],
          len(answer.body))
    answer = client.get("/goaway")
    client.until(lambda: client.goaway)
    check("GOAWAY", client.goaway.error_code == 0 and
          client.goaway.additional_data == b"enough", vars(client.goaway))
    check("the server closes", not client.until(lambda: False))


def ask(port):
    client = Client(port)
    check_answers(client)
    check_control(client)
    client = Client(port, upgrade="/big")
    answer = client.finish(1)
    check("Upgrade", answer.body == PATTERN[:BIG], len(answer.body))
    answer = client.get("/")
    check("and another request", answer.status == "200", vars(answer))
    client.h2.close_connection()
    client.flush()
    print("1..%d" % count)
    return failed != 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["server"]:
        sys.exit(serve())
    elif sys.argv[1:2] == ["client"] and len(sys.argv) > 2:
        sys.exit(ask(int(sys.argv[2])))
    else:
        sys.exit("peer_h2.py server | client PORT")
