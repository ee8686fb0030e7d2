"""The half inside the jail: an ipykernel that forks at each grade cell and answers for the fork.

Started by the kernel provisioner in the place of `ipykernel_launcher`. To its client it is an
ordinary Python kernel, but for one message: `#gptlab fork NUMBER` in the place of a cell. Then it
forks; the child listens on NUMBER.sock in the folder GPTLAB_SOCKETS, and the kernel goes on with
the next cell. So every item is judged on the state that the student saw at its grade cell. Each
connection to the socket is served by a fork of its own, so one test cannot disturb another.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
from pathlib import Path
from stat import S_ISREG
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from autograder import wire
from autograder.verbs import Verbs

FORK = "#gptlab fork "
IDLE = 900  # seconds after which a fork that nobody asks ends itself
TEST_CPU = 20  # CPU-seconds after which the fork of one test is ended by the system


class AgentKernel(IPythonKernel):
    """An IPython kernel that understands the fork message."""

    async def do_execute(self, code: str, silent: bool, *args: Any, **kwargs: Any) -> dict:
        if not code.startswith(FORK):
            return await super().do_execute(code, silent, *args, **kwargs)
        fork_item(int(code.removeprefix(FORK)), self.shell)
        return {
            "status": "ok",
            "execution_count": self.execution_count,
            "payload": [],
            "user_expressions": {},
        }


def fork_item(number: int, shell: Any) -> None:
    """Leave a copy of this process behind that answers on NUMBER.sock."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(Path(os.environ["GPTLAB_SOCKETS"]) / f"{number}.sock"))
    listener.listen(4)
    listener.settimeout(IDLE)
    with listener:
        if os.fork():
            return
        try:
            detach(keep=listener.fileno())
            serve(listener, shell)
        finally:
            os._exit(0)  # never back into the kernel's event loop


def detach(keep: int) -> None:
    """Let go of the kernel's sockets and threads: only the listener stays open."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the kernel's interrupts reach its whole group
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks of tests are reaped by the system
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # the listing's own is gone by now
            if int(name) > 2 and int(name) != keep and not S_ISREG(os.fstat(int(name)).st_mode):
                os.close(int(name))  # files that the student opened stay
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def serve(listener: socket.socket, shell: Any) -> None:
    """Fork for each connection; the fork answers until its tester hangs up."""
    while True:
        connection, _ = listener.accept()  # TimeoutError ends it: its grader is gone
        connection.setblocking(True)
        if os.fork():
            connection.close()
            continue
        listener.close()
        resource.setrlimit(resource.RLIMIT_CPU, (TEST_CPU, TEST_CPU + 1))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with contextlib.suppress(EOFError, OSError):  # the tester hung up
            answer(connection, shell)
        os._exit(0)


def answer(connection: socket.socket, shell: Any) -> None:
    """Answer requests over one connection until it ends."""
    verbs = Verbs(shell.user_ns, shell.compile._filename_map.get)
    while True:
        reply = verbs.answer(wire.receive(connection))
        try:
            message = wire.pack(reply, verbs.handle)
        except Exception as error:  # the student's value cannot be written: say so as its error
            message = wire.pack({"error": verbs.describe(error)})
        connection.sendall(message)


def preload() -> None:
    """Pay for torch's first optimizer step before any cell is timed."""
    import torch

    torch.set_num_threads(1)  # a fork after threaded torch work hangs
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()


if __name__ == "__main__":
    preload()
    IPKernelApp.launch_instance(kernel_class=AgentKernel)
