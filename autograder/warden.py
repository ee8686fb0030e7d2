"""The guard of one submission, inside the jail but outside of the submission's own namespaces.

    nursery ── warden ── first ── kernel ── forks of its items

`first` is process 1 of the submission's own process namespace: when it ends, the system ends
everything that the submission started. The warden sees to that when the grader hangs up or a
budget is spent. Both run no line of a student.

The control socket carries lines of JSON. From the grader: {"do": "interrupt" | "kill"}, for the
kernel alone; that it hangs up is the order to end everything. To the grader: {"said": "ready" |
"ended" | "stopped" | "broken" | "used", ...}. Where the grader has a control group for it, the
first words are "here", and {"do": "start"}.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from autograder import agent, census, linux, syscalls

ENDING = 5  # seconds that process 1 has to end all others
SECOND_STRIKE = 2  # seconds that a submission has after its kernel was ended to need less
TICK = 0.2  # seconds between two looks at what a submission uses
MB = 2**20


@dataclass(frozen=True)
class Order:
    """What one submission gets. Sizes in MB, times in seconds.

    `stage` is its folder, `code` what it may import. `jailed`: the limits count; `own`: it gets
    namespaces of its own inside the jail, which it else has to itself; `grouped`: the grader puts
    its processes into a control group; `below_tmp`: folders of Python in what is emptied for it.
    """

    stage: str
    code: str
    items: int
    jailed: bool
    own: bool
    grouped: bool = False
    core: int | None = None
    memory: int = 3072
    cpu: int = 150
    wall: int = 400
    tasks: int = 160
    files: int = 512
    disk: int = 64
    below_tmp: tuple[str, ...] = ()


def watch(order: Order, control: socket.socket) -> None:
    """Start the submission, then guard it until the grader hangs up or a budget is spent."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if order.grouped:
        _tell(control, said="here")
        control.recv(64)  # before there is anything to count
    os.setsid()  # a share of the processor of its own, where the system shares by session
    if order.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {order.core})
    uid, gid = os.getuid(), os.getgid()
    if order.own:
        linux.unshare(
            linux.NEWUSER | linux.NEWPID | linux.NEWNET | linux.NEWIPC | linux.NEWUTS
        )  # fmt: skip
        linux.map_user(uid, gid)
    mine, theirs = socket.socketpair()
    first = os.fork()
    if first == 0:
        mine.close()
        control.close()
        _be_first(order, theirs)
    theirs.close()
    try:
        _guard(order, control, mine, first)
    finally:
        _end(first, order.own, mine)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with contextlib.suppress(OSError):  # the grader was killed: nobody asks
        _tell(control, said="used", cpu=round(used.ru_utime + used.ru_stime, 3))


def _guard(order: Order, control: socket.socket, first: socket.socket, pid: int) -> None:
    """Pass orders in and news out; returns when all is to end."""
    used = census.Census(pid, order.jailed, order.own)
    started, struck = time.monotonic(), 0.0
    while True:
        ready, _, _ = select.select([control, first], [], [], TICK)
        for source, target in ((control, first), (first, control)):
            if source in ready:
                lines = source.recv(4096)
                if not lines:
                    return
                target.sendall(lines)
        why = used.over(order, time.monotonic() - started)
        if why and not struck:  # the kernel first: what it left to be judged may stay
            struck = time.monotonic()
            _tell(control, said="stopped", why=why)
            _tell(first, do="kill")
        elif why and time.monotonic() - struck > SECOND_STRIKE:
            return


def _end(first: int, own: bool, link: socket.socket) -> None:
    """End everything of the submission; done when its last process is gone."""
    link.close()  # `first` ends the others one by one, so that what they used is known
    if own and _ended(first):
        return
    with contextlib.suppress(ProcessLookupError):
        if own:
            os.kill(first, signal.SIGKILL)
        else:
            os.killpg(first, signal.SIGKILL)
    os.waitpid(first, 0)


def _ended(pid: int) -> bool:
    """Whether a child ends by itself within the time it is given for that."""
    until = time.monotonic() + ENDING
    while time.monotonic() < until:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.002)
    return False


def _tell(to: socket.socket, **news: object) -> None:
    to.sendall(json.dumps(news).encode() + b"\n")


def _be_first(order: Order, link: socket.socket) -> None:
    """Process 1: lay out what the submission sees, start its kernel, reap what is left behind."""
    try:
        os.setsid()
        if order.own:
            linux.end_with_parent(signal.SIGKILL)
            _furnish(order)
        ready, steady = os.pipe(), os.pipe()
        kernel = os.fork()
        if kernel == 0:
            link.close()
            os.close(ready[0])
            os.close(steady[1])
            _be_kernel(order, ready[1], steady[0])
        os.close(ready[1])
        os.close(steady[0])
        os.read(ready[0], 1)  # its sockets are bound
        if order.own:  # from here on no file can be made beside them: the folder is the host's
            linux.make_read_only(f"{order.stage}/run")
            linux.drop_capabilities()
            linux.hide_from_debuggers()
        os.close(steady[1])
        _tell(link, said="ready")
        _reap(kernel, link)
        if order.own:
            os.kill(-1, signal.SIGKILL)  # everything of this namespace but this process
            while True:
                os.waitpid(-1, 0)
    except ChildProcessError:  # all are gone
        os._exit(0)
    except BaseException as error:
        _tell(link, said="broken", why=f"{type(error).__name__}: {error}")
    finally:
        os._exit(1)


def _reap(kernel: int, link: socket.socket) -> None:
    """Collect the dead, and do what the grader wants of the kernel, until it hangs up."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive = True
    while True:
        ready, _, _ = select.select([link, reading], [], [])
        if link in ready:
            orders = link.recv(4096)
            if not orders:
                return
            for line in orders.splitlines():
                wanted = json.loads(line)["do"]
                number = signal.SIGINT if wanted == "interrupt" else signal.SIGKILL
                if alive:
                    os.kill(kernel, number)
        if reading in ready:
            os.read(reading, 4096)
        for pid, status in agent.reap():
            if pid == kernel:
                alive = False
                _tell(link, said="ended", status=os.waitstatus_to_exitcode(status))


def _furnish(order: Order) -> None:
    """A file system of its own: nothing to write to but folders in memory, of a limited size."""
    linux.unshare(linux.NEWNS)
    stays = (order.code, f"{order.stage}/run", *order.below_tmp)
    kept = {path: os.open(path, os.O_PATH) for path in stays}
    inert = linux.NOSUID | linux.NODEV
    linux.mount("proc", "/proc", "proc", inert | linux.NOEXEC)
    linux.mount("devpts", "/dev/pts", "devpts", linux.NOSUID | linux.NOEXEC,
                "newinstance,ptmxmode=0666,mode=620")  # fmt: skip
    size = f"size={order.disk}m,nr_inodes=10000,mode=700"
    linux.mount("tmpfs", "/dev/shm", "tmpfs", inert, size)
    linux.make_read_only("/dev")
    linux.mount("tmpfs", "/tmp", "tmpfs", inert, size)
    # Other submissions' folders lie beside this one: cover them all, and bring back what is its.
    beside = os.path.dirname(order.stage)
    os.makedirs(beside, exist_ok=True)
    linux.mount("tmpfs", beside, "tmpfs", inert, "size=64k,mode=700")
    for path, descriptor in kept.items():
        os.makedirs(path, exist_ok=True)
        linux.mount(f"/proc/self/fd/{descriptor}", path, flags=linux.BIND)
        os.close(descriptor)


def _be_kernel(order: Order, ready: int, steady: int) -> None:
    """Take the limits on, give everything else up, and be a kernel; never returns."""
    try:
        if order.jailed:
            linux.drop_capabilities()
            syscalls.refuse()
        limit(order)
        work = Path("/tmp" if order.jailed else order.stage) / "work"
        work.mkdir()
        os.chdir(work)
        os.environ |= {"HOME": str(work), "GPTLAB_SOCKETS": f"{order.stage}/run"}
        agent.start(order.items, ready, steady)
    except BaseException as error:
        print(f"kernel: {type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
    finally:
        os._exit(1)


def limit(order: Order) -> None:
    """What one process may use; the warden looks at what all of them use."""
    for what, most in (
        ("CORE", 0),
        ("CPU", order.cpu),
        ("FSIZE", order.disk * MB),
        ("NOFILE", order.files),
        ("NPROC", order.tasks),
        ("AS", order.memory * MB),
    ):
        if what in ("NPROC", "AS") and not order.jailed:
            continue  # without a jail these count, or stop, more than the submission
        number = getattr(resource, f"RLIMIT_{what}")
        resource.setrlimit(number, (most, most))
