"""The half inside the jail: an ipykernel that forks at each grade cell and answers for the fork.

Forked from the preloaded parent (autograder.nursery). To its client it is an ordinary Python
kernel, but for orders, which stand in lines of their own before the code of a cell:

`#gptlab fork NUMBER PLACES` forks it; the child answers on NUMBER.sock in the folder
GPTLAB_SOCKETS, and the kernel goes on with the cell. So every item is judged on the state that the
student saw at its grade cell. PLACES says where in the notebook each cell that ran stands. All
tests of an item are answered there, since a fork costs more than a test: one that ends its process
costs the item's tests after it.

`#gptlab read NAME` puts what a global holds into the reply, for an answer that is only a letter.

Orders with no code after them are answered at once; by a kernel that a student's loop still holds,
they are not.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from stat import S_ISREG
from typing import Any

from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from autograder import linux
from autograder.verbs import Verbs
from gptlab import companion

FORK, READ, ALIVE = "#gptlab fork ", "#gptlab read ", "#gptlab alive"
IMPORTED = (  # what a kernel imports when it starts, and what notebooks do
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "ipykernel.debugger",
    "matplotlib.pyplot",
    "tornado.platform.asyncio",
)
TEST_CPU = 30  # CPU-seconds of an item's tests, after which the system ends their process


class AgentKernel(IPythonKernel):
    """An IPython kernel that carries orders out."""

    listeners: list[socket.socket] = []  # one for each item; the first `start` makes them

    async def do_execute(self, code: str, silent: bool, *args: Any, **kwargs: Any) -> dict:
        read, code = self.obey(code)
        reply = {
            "status": "ok",
            "execution_count": self.execution_count,
            "payload": [],
            "user_expressions": {},
        }
        if code.strip():
            reply = await super().do_execute(code, silent, *args, **kwargs)
        return reply | {"read": read}

    def obey(self, code: str) -> tuple[dict[str, str], str]:
        """Carry out the orders in the first lines: what was read, and the code after them.

        What was read is name -> the answer of Verbs in base64.
        """
        read = {}
        while code.startswith((FORK, READ, ALIVE)):
            order, _, code = code.partition("\n")
            if order.startswith(FORK):
                number, places = order.removeprefix(FORK).split(" ", 1)
                fork_item(self.listeners[int(number)], self.shell, json.loads(places))
            elif order.startswith(READ):
                name = order.removeprefix(READ)
                said = Verbs(self.shell.user_ns).reply({"verb": "get", "name": name})
                read[name] = base64.b64encode(said).decode()
        return read, code


class Stream(OutStream):
    """Standard output or error of a cell. ipykernel flushes each four times a cell, and each time
    wakes another thread and waits for it, which took most of a short cell's time."""

    def flush(self) -> None:
        """Send what was written, if something was."""
        if self._buffers:
            super().flush()


class App(IPKernelApp):
    """The kernel's program, without the thread that passes messages on to further shells."""

    def init_control(self, context: Any) -> None:
        """There is one shell: its messages come to it directly."""
        super().init_control(context)
        self.shell_channel_thread = None


def fork_item(listener: socket.socket, shell: Any, places: dict[str, int]) -> None:
    """Leave a copy of this process behind that answers on this socket.

    places: the kernel's count of a cell, as text -> its place in the notebook.
    """
    with listener:
        if os.fork():
            return
        try:
            detach(keep=listener.fileno())
            serve(listener, shell, places)
        finally:
            os._exit(0)  # never back into the kernel's event loop


def detach(keep: int) -> None:
    """Let go of the kernel's sockets and threads: only the listener stays open."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whatever a notebook did with it
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # the listing's own is gone by now
            if int(name) > 2 and int(name) != keep and not S_ISREG(os.fstat(int(name)).st_mode):
                os.close(int(name))  # files that the student opened stay
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    # The kernel's own would wait for its thread, which is not in a fork, at each print.
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = open(os.devnull, "w")  # noqa: SIM115
    gc.freeze()  # a collection here would copy every page that it looks at
    gc.disable()


def serve(listener: socket.socket, shell: Any, places: dict[str, int]) -> None:
    """Answer one tester after the other, each until it hangs up."""

    def cell_of(filename: str) -> int | None:
        return places.get(str(shell.compile._filename_map.get(filename)))

    most = resource.getrlimit(resource.RLIMIT_CPU)[1]  # the submission's own: it may be less
    most = TEST_CPU if most == resource.RLIM_INFINITY else min(most, TEST_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    verbs = Verbs(shell.user_ns, cell_of)
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(EOFError, OSError):  # the tester hung up
            verbs.serve(connection)


def reap() -> list[tuple[int, int]]:
    """Children that have ended since, and their status; so what they used counts for this one."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append(found)
    return ended


def preload() -> None:
    """Import what every kernel and notebook imports, and pay for torch's first optimizer step."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # the kernel's debugger: for nobody
    for name in IMPORTED:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)  # a fork after threaded torch work hangs
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()


def listen(folder: Path, items: int) -> list[socket.socket]:
    """A socket for each item, bound before a line of the student runs."""
    made = []
    for number in range(items):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / f"{number}.sock"))
        listener.listen(4)
        made.append(listener)
    return made


def start(items: int, ready: int, steady: int) -> None:
    """Be the kernel of one submission, until the end of this process.

    ready: descriptor to write to when every socket is bound; steady: to wait at until the rest of
    the jail stands.
    """
    folder = Path(os.environ["GPTLAB_SOCKETS"])
    AgentKernel.listeners = listen(folder, items)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.argv = ["kernel"]
    app = App.instance(kernel_class=AgentKernel, outstream_class=f"{__name__}.Stream")
    app.initialize(["-f", str(folder / "kernel.json"), "--HistoryManager.enabled=False"])
    companion.load_ipython_extension(app.shell)  # importing it, long ago, could not
    if sys.platform == "linux":
        linux.gather_pages()
    os.write(ready, b"1")
    os.close(ready)
    os.read(steady, 1)  # ends with the other side's closing
    os.close(steady)
    app.start()
