"""The preloaded parent inside the jail: it forks a kernel for each submission.

Started once for a lab, it imports what every notebook imports and then waits on its standard
input, a socket. A request is one line of JSON and one descriptor: the submission's own control
socket. The fork becomes that submission's warden (autograder.warden); the parent runs no line of a
student and goes on waiting. When its socket closes it ends, and with it all that it started.
"""

from __future__ import annotations

import array
import gc
import json
import os
import signal
import socket
import sys
import traceback

from autograder import agent, linux, warden

REQUEST = 2**16  # bytes of one request at most


def main(imports: list[str]) -> None:
    """Import, say so, and fork until the other side hangs up."""
    agent.preload()
    for statement in imports:
        exec(statement, {})
    gc.collect()
    gc.freeze()  # else the first collection in a fork would copy all of this
    if sys.platform == "linux":
        linux.gather_pages()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the grader, which hangs up
    with socket.socket(fileno=0) as requests:
        requests.sendall(b"ready\n")
        while request := receive(requests):
            agent.reap()
            text, descriptor = request
            if os.fork() == 0:
                requests.close()
                os.open(os.devnull, os.O_RDWR)  # standard input again: no other file may be it
                serve(json.loads(text), socket.socket(fileno=descriptor))
            os.close(descriptor)


def receive(requests: socket.socket) -> tuple[bytes, int] | None:
    """The next request and its descriptor; None at the end."""
    room = socket.CMSG_SPACE(array.array("i", [0]).itemsize)
    text, extra, _, _ = requests.recvmsg(REQUEST, room)
    if not text or not extra:
        return None
    descriptors = array.array("i")
    descriptors.frombytes(extra[0][2])
    return text, descriptors[0]


def serve(request: dict, control: socket.socket) -> None:
    """Be the warden of one submission; never returns."""
    try:
        warden.watch(warden.Order(**request), control)
    except BaseException:
        why = traceback.format_exc(limit=3)[-1500:]
        control.sendall(json.dumps({"said": "broken", "why": why}).encode() + b"\n")
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # at once: taking torch apart takes seconds
