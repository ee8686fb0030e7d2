"""The few system calls of Linux that Python 3.11 does not offer, for the jail.

Each raises OSError with the name of what was refused. Numbers are from the kernel's headers:
linux/sched.h, linux/mount.h, linux/prctl.h, linux/capability.h.
"""

from __future__ import annotations

import ctypes
import os

NEWNS, NEWUTS, NEWIPC, NEWUSER = 0x00020000, 0x04000000, 0x08000000, 0x10000000
NEWPID, NEWNET = 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC = 1, 2, 4, 8, 32, 0x1000, 0x4000
PRIVATE = 1 << 18
_SET_DUMPABLE, _SET_PDEATHSIG, _SET_NO_NEW_PRIVS = 4, 1, 38
_COLLAPSE, _LARGE = 25, 2 * 2**20  # madvise(2); bytes of a large page
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAP_VERSION_3 = 0x20080522


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move this process into new namespaces (unshare(2))."""
    _check(_libc().unshare(flags), "new namespaces")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    arguments = (source.encode(), target.encode(), kind.encode() or None, flags)
    _check(_libc().mount(*arguments, options.encode() or None), f"mount on {target}")


def make_read_only(path: str) -> None:
    """Mount what is there once more, read only, with the flags that it may not lose."""
    known = os.statvfs(path).f_flag & (NOSUID | NODEV | NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)
    mount("none", path, flags=BIND | REMOUNT | RDONLY | known)


def gather_pages() -> None:
    """Put this process's own memory into large pages, where the system can (Linux 6.1).

    A fork copies the list of pages; with large ones it is short.
    """
    libc = _libc()
    libc.madvise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    with open("/proc/self/maps") as maps:
        ranges = [line.split()[0] for line in maps if " rw-p 00000000 00:00 0 " in line]
    for text in ranges:
        start, end = (int(part, 16) for part in text.split("-"))
        start, end = -(-start // _LARGE) * _LARGE, end // _LARGE * _LARGE
        if start < end and libc.madvise(start, end - start, _COLLAPSE) != 0:
            continue  # parts of it were never touched, or the system cannot: no harm


def end_with_parent(signal: int) -> None:
    """Get this signal when the parent ends."""
    _check(_libc().prctl(_SET_PDEATHSIG, signal, 0, 0, 0), "prctl(PDEATHSIG)")


def hide_from_debuggers() -> None:
    """No process without privileges may look into this one, or trace it."""
    _check(_libc().prctl(_SET_DUMPABLE, 0, 0, 0, 0), "prctl(DUMPABLE)")


def map_user(uid: int, gid: int) -> None:
    """In a new user namespace, stay who one was."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def drop_capabilities() -> None:
    """Give up every capability of this process, and the way to get new ones."""
    libc = _libc()
    _check(libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")
    header = (ctypes.c_uint32 * 2)(_CAP_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    _check(libc.syscall(_CAPSET[os.uname().machine], header, none), "capset")
