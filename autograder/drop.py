"""Steps down from root before bubblewrap starts: `drop.py UID GID BWRAP ARGUMENT...`.

Limits on processes do not bind root. What the lesser user could not reach, as a Python in /root, is
first mounted where it can, in a mount namespace that only this process sees. Uses nothing but the
standard library: it runs with `python -I -S`.
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile

NEWNS, BIND, REC, PRIVATE = 0x00020000, 0x1000, 0x4000, 1 << 18


def main(uid: int, gid: int, command: list[str]) -> None:
    """Become this user and run the command in this process's place."""
    binds = [n + 1 for n, word in enumerate(command) if word in ("--ro-bind", "--bind")]
    sources = [n for n in [0, *binds] if not reachable(command[n], uid)]
    if sources:
        libc = ctypes.CDLL(None, use_errno=True)
        check(libc.unshare(NEWNS))
        check(libc.mount(b"none", b"/", None, REC | PRIVATE, None))
        check(libc.mount(b"none", b"/mnt", b"tmpfs", 0, b"mode=755"))
        for place in sources:
            target = tempfile.mkdtemp(dir="/mnt")
            if os.path.isfile(command[place]):
                os.chmod(target, 0o755)
                target = os.path.join(target, "file")
                open(target, "w").close()
            check(libc.mount(command[place].encode(), target.encode(), None, BIND | REC, None))
            command[place] = target
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.execv(command[0], command)


def reachable(path: str, uid: int) -> bool:
    """May this user walk to that path? Only the bits for everybody count."""
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        known = os.stat(path)
        if not known.st_mode & 0o001 and known.st_uid != uid:
            return False
    return True


def check(result: int) -> None:
    """End with the system's words where a call failed."""
    if result != 0:
        number = ctypes.get_errno()
        sys.exit(f"as root, mounting what the jail needs: {os.strerror(number)}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
