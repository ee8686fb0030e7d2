"""Get files from the network so that a wrong or half file is never taken for the right one.

    fetch("https://…/input.txt", "input.txt", sha256="86c4e6aa…", size=1_115_394)

`fetch` is the course's only downloader. It tries each mirror in turn, goes on where an earlier
try was cut off, writes to `input.txt.part`, and gives the file its name only when the sha256 is
right. What has another sha256 is kept as `input.txt.wrong-<8 digits>`, and that is said.

The file needs nothing but Python's own library (tqdm draws the bar where it is installed), so it
also works alone beside a notebook.
"""

import contextlib
import hashlib
import http.client
import os
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

try:
    from tqdm import tqdm
except ImportError:
    tqdm = None

__all__ = ["DownloadError", "fetch", "keep_aside", "sha256_of"]

TIMEOUT = 20.0  # seconds without a byte
TRIES = 3  # for each mirror, where another try may help
PAUSE = 1.0  # seconds before the second try; twice as many before the third
BLOCK = 1 << 18  # bytes
HEADERS = {"User-Agent": "gptlab", "Accept-Encoding": "identity"}  # sizes are of the file itself
TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}  # HTTP answers that may be better in a second


class DownloadError(RuntimeError):
    """A file could not be had: from where, why, and where to put it by hand."""


class _Again(Exception):
    """This try failed; the same address may work the next time."""


class _Useless(Exception):
    """This address will not give the file."""


def fetch(
    urls: str | Iterable[str],
    path: str | os.PathLike,
    *,
    sha256: str,
    size: int | None = None,
    progress: bool = True,
    timeout: float = TIMEOUT,
    pause: float = PAUSE,
) -> Path:
    """Have the file at `path`, from the first of `urls` (mirrors) that gives the right bytes.

    A right file that is already there is left alone and the network is not asked. Two processes
    that want the same file at once are safe: the second waits and finds it.

    sha256, size: of the whole file (64 hexadecimal digits; bytes, where known)
    progress: draw a bar and say in a line what was got
    timeout: seconds without a byte until a try is given up; pause: seconds before another one
    Errors: DownloadError, which names every address, what was wrong with it, and what to do.
    """
    path, sha256 = Path(path), sha256.lower()
    urls, reasons = [urls] if isinstance(urls, str) else list(urls), []
    with _errors_of_the_disk(path):
        if path.is_file() and sha256_of(path) == sha256:
            return path
    with _errors_of_the_disk(path), _alone(path, progress):
        if path.is_file():  # it is wrong, or another process was quicker
            if sha256_of(path) == sha256:
                return path
            print(keep_aside(path, sha256))
        for url in urls:
            try:
                _from_mirror(url, path, sha256, size, progress, timeout, pause)
            except _Useless as reason:
                reasons.append(f"  {url}\n    {reason}")
            else:
                return path
    raise DownloadError(_by_hand(path, reasons, sha256, size))


def sha256_of(path: str | os.PathLike) -> str:
    """The sha256 of a file, 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_aside(path: Path, expected: str, name: Path | None = None) -> str:
    """Rename a file with a wrong sha256 to `<name>.wrong-<8 digits>`; returns a line to show.

    name: what the file would have been called, where that is not `path` itself
    """
    found, name = sha256_of(path), name or path
    aside = name.with_name(f"{name.name}.wrong-{found[:8]}")
    os.replace(path, aside)
    return (
        f"{name.name}: refused, its sha256 begins with {found[:8]} and not with {expected[:8]}; "
        f"kept as {aside}"
    )


def _from_mirror(url, path, sha256, size, progress, timeout, pause) -> None:
    """Get the file from one address, in up to TRIES tries; raises _Useless."""
    part = path.with_name(path.name + ".part")
    for n in range(1, TRIES + 1):
        try:
            begun = _receive(url, part, size, progress, timeout)
            if sha256_of(part) == sha256:
                os.replace(part, path)
                if progress:
                    print(f"{path.name}: {path.stat().st_size:,} bytes from {url}")
                return
            if not begun:
                said = keep_aside(part, sha256, path)
                print(said)
                raise _Useless(said.partition(": ")[2])
            part.unlink()  # what an earlier try had left may have been the wrong half
            raise _Again("the bytes of two tries do not fit together")
        except _Again as reason:
            if n == TRIES:
                raise _Useless(f"{reason} ({n} tries)") from None
            time.sleep(pause * n)


def _receive(url: str, part: Path, size: int | None, progress: bool, timeout: float) -> int:
    """Add to `part` what is missing; returns how many bytes were there before (0: all is new)."""
    begun = part.stat().st_size if part.exists() else 0
    if size is not None and begun == size:
        return begun
    request = urllib.request.Request(url, headers=HEADERS)
    if begun:
        request.add_header("Range", f"bytes={begun}-")
    opened = urllib.request.build_opener().open  # notices a proxy that was set since the start
    with _errors_of_the_network(part, timeout), opened(request, timeout=timeout) as reply:
        if begun and not _goes_on(reply, begun):
            begun = 0
        length = reply.headers.get("Content-Length")
        total = begun + int(length) if length else None
        if size is not None and total not in (None, size):
            raise _Useless(f"it offers {total:,} bytes, and {size:,} were expected")
        with _bar(part, begun, total, progress) as bar:
            have = _store(reply, part, begun, size, bar)
    promised = size or total or 0
    if have < promised:
        raise _Again(f"cut off after {have:,} of {promised:,} bytes")
    return begun


def _store(reply: http.client.HTTPResponse, part: Path, begun: int, size: int | None, bar) -> int:
    """Write what comes behind the first `begun` bytes of `part`; returns its length then."""
    with _errors_of_the_disk(part):
        file = open(part, "ab" if begun else "wb")  # noqa: SIM115 (disk and network err apart)
    with file:
        while block := reply.read1(BLOCK):
            begun += len(block)
            if size is not None and begun > size:
                raise _Useless(f"it sends more than the {size:,} bytes that were expected")
            with _errors_of_the_disk(part):
                file.write(block)
            bar.update(len(block))
        with _errors_of_the_disk(part):
            file.flush()
            os.fsync(file.fileno())  # the name must not outlive a power cut without the bytes
    return begun


def _goes_on(reply: http.client.HTTPResponse, begun: int) -> bool:
    """Whether the answer is the rest of the file (206) and not the whole again (200)."""
    return reply.status == 206 and reply.headers.get("Content-Range", "").startswith(
        f"bytes {begun}-"
    )


@contextlib.contextmanager
def _errors_of_the_network(part: Path, timeout: float) -> Iterator[None]:
    """Sort what can go wrong into _Again and _Useless, with a reason that a person can read."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # what we have is longer than the file: it is of another one
            part.unlink(missing_ok=True)
            raise _Again("HTTP 416: nothing after what an earlier try had left") from None
        kind = _Again if error.code in TRY_AGAIN else _Useless
        raise kind(f"HTTP {error.code} {error.reason}") from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            raise _Again(f"no byte in {timeout:g} s") from None
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise _Useless(
                f"its certificate could not be checked ({reason.verify_message}); python.org's "
                "Python on macOS needs its 'Install Certificates.command' run once"
            ) from None
        if isinstance(reason, socket.gaierror):
            raise _Useless("its name is not known here: is there a network?") from None
        if isinstance(reason, ConnectionRefusedError):
            raise _Useless("nobody answers there (connection refused)") from None
        raise _Again(f"{type(reason).__name__}: {reason}") from None


@contextlib.contextmanager
def _errors_of_the_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DownloadError(
            f"could not read or write {error.filename or path}: {error.strerror or error}. "
            "Free some space, or choose a folder that you may write to"
        ) from error


@contextlib.contextmanager
def _alone(path: Path, progress: bool) -> Iterator[None]:
    """Hold `<path>.lock`, so that one process at a time downloads this file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock, said = path.with_name(path.name + ".lock"), False
    while True:
        file = open(lock, "a+b")  # noqa: SIM115 (it is closed below, on every way out)
        if _locked(file) and _is_there(file, lock):
            break
        file.close()
        if progress and not said:
            print(f"{path.name}: another program is getting it, waiting")
            said = True
        time.sleep(0.1)
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):  # Windows removes no open file: it may stay
            lock.unlink(missing_ok=True)
        file.close()


def _is_there(file, lock: Path) -> bool:
    """Whoever had the lock before us removed its file: then the lock on it is worth nothing."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), lock.stat())
    except FileNotFoundError:
        return False


def _locked(file) -> bool:
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a network drive without locks: the sha256 still keeps a mixed file out
    return True


@contextlib.contextmanager
def _bar(part: Path, begun: int, total: int | None, progress: bool) -> Iterator:
    name = part.name.removesuffix(".part")
    if tqdm and progress:
        look = {"unit": "B", "unit_scale": True, "leave": False}
        with tqdm(desc=name, initial=begun, total=total, **look) as bar:
            yield bar
        return
    if progress:
        print(f"{name}: getting {total or 'an unknown number of'} bytes")
    yield _NoBar()


class _NoBar:
    def update(self, n: int) -> None:
        """Nothing to draw on."""


def _by_hand(path: Path, reasons: list[str], sha256: str, size: int | None) -> str:
    bytes_ = f"{size:,} bytes and " if size else ""
    return "\n".join([
        f"could not get {path.name} from",
        *(reasons or ["  anywhere: no address was given"]),
        "What to do: check the network and try again; or get it elsewhere and put it at",
        f"  {path}",
        f"  (it must have {bytes_}the sha256 {sha256})",
    ])
