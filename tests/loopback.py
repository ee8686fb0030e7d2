"""A server on this machine, for tests of what comes over a network."""

from __future__ import annotations

import http.server
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Handler(http.server.BaseHTTPRequestHandler):
    """Each request is one connection; `self.server.asked` keeps the ranges that were wanted."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def ask(self) -> tuple[str, int]:
        """What is wanted, and how often it was by now."""
        name = self.path.strip("/")
        self.server.asked[name].append(self.headers.get("Range"))
        self.close_connection = True
        return name, len(self.server.asked[name])

    def reply(self, status, body, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def rest(self, body, **headers):
        """The file from where the client wants it, as a good server gives it."""
        wanted = self.headers.get("Range")
        if wanted is None:
            return self.reply(200, body, **headers)
        begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if begin >= len(body):
            return self.reply(416, b"")
        of = f"bytes {begin}-{len(body) - 1}/{len(body)}"
        return self.reply(206, body[begin:], Content_Range=of, **headers)


class Server(http.server.ThreadingHTTPServer):
    """asked: name -> ranges; over: set when the test ends; at: its address, with a slash."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is no news here."""


@contextmanager
def serving(handler: type[Handler]) -> Iterator[Server]:
    """The server, until the with-block ends."""
    with Server(("127.0.0.1", 0), handler) as server:
        server.asked, server.over = defaultdict(list), threading.Event()
        server.at = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
