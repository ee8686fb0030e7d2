"""Send the folder of a model to the Hugging Face hub; or say what would be sent.

The hub is at HF_ENDPOINT, by default https://huggingface.co; the token is that of HF_TOKEN or of
`hf auth login`. Only the files of a model go, whatever else the folder holds.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gptlab.publishing import HubError
from gptlab.publishing.folder import FILES

__all__ = ["Item", "address", "items", "missing_package", "plan", "send"]

PUBLIC = "https://huggingface.co"
TOKENS = f"{PUBLIC}/settings/tokens"
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
LONGEST = 96  # characters of user/name


@dataclass(frozen=True)
class Item:
    """A file that goes."""

    path: Path
    size: int  # bytes
    sha256: str


def items(folder: Path) -> list[Item]:
    """The files of a model's folder, by name."""
    found = [folder / name for name in FILES if (folder / name).is_file()]
    return [Item(path, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in found]  # fmt: skip


def address(to: str) -> str:
    """Where on the hub user/name is. HubError for a name that the hub would refuse."""
    wrong = any(part in to for part in ("--", "..")) or to.endswith(".git") or len(to) > LONGEST
    if wrong or not re.fullmatch(f"{_WORD}/{_WORD}", to):
        raise HubError(
            f"--to {to!r} is no name on the hub: expected user/name, {LONGEST} characters at most, "
            "of letters, digits, -, _ and . (neither first nor last, no two - or . in a row, no "
            ".git at the end), as in ada/my-chat"
        )
    return f"{_endpoint()}/{to}"


def _endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT") or PUBLIC).rstrip("/")


def plan(folder: Path, to: str | None) -> str:
    """A line for each file: its bytes, its sha256, where it would go."""
    where = "" if to is None else f"{address(to)}/resolve/main/"
    found = items(folder)
    wide = max(len(f"{one.size:,}") for one in found)
    lines = [f"{one.size:{wide},}  {one.sha256}  {where}{one.path.name}" for one in found]
    stays = sorted(path.name for path in folder.iterdir() if path.name not in FILES)
    if stays:
        lines.append(f"stays here: {', '.join(stays)}")
    return "\n".join([*lines, f"{sum(one.size for one in found):,} bytes in {len(found)} files"])


def missing_package(name: str, what: str) -> HubError:
    """A package that only this needs."""
    return HubError(f"{what} needs the package {name}, which is not here: pip install {name}")


def send(folder: Path, to: str, private: bool = False) -> str:
    """Put the files there in one commit, and make the place where there is none. Its address.

    Errors: HubError for a bad name, no token, one that may not, no network, and whatever the hub
    answers. Files that are there already under other names stay.
    """
    where = address(to)
    try:
        import huggingface_hub
        from huggingface_hub import utils
    except ImportError as error:
        raise missing_package("huggingface_hub", "sending") from error
    token = huggingface_hub.get_token()
    if not token:
        raise HubError(
            f"no token: make one that may write at {TOKENS}, and set HF_TOKEN to it or give it to "
            "`hf auth login`. To see what would be sent: --dry-run"
        )
    api = huggingface_hub.HfApi(endpoint=_endpoint(), token=token)
    adds = [huggingface_hub.CommitOperationAdd(one.path.name, one.path) for one in items(folder)]
    try:
        with warnings.catch_warnings(), _bars(utils):
            warnings.simplefilter("ignore")  # of the hub, on keys of the card
            api.create_repo(to, private=private or None, exist_ok=True)
            if private and not api.repo_info(to).private:
                raise HubError(f"{to} is there already, and everybody can read it: give another "
                               "name, or make it private in its settings")  # fmt: skip
            api.create_commit(to, adds, commit_message="A model of gptlab")
    except HubError:
        raise
    except Exception as error:  # it raises its own, httpx's, hf_xet's and RuntimeError
        raise _refused(error, to) from error
    return where


@contextmanager
def _bars(utils: Any) -> Iterator[None]:
    """Its bars of progress are for a terminal."""
    if sys.stderr.isatty() or utils.are_progress_bars_disabled():
        yield
        return
    utils.disable_progress_bars()
    try:
        yield
    finally:
        utils.enable_progress_bars()


def _refused(error: BaseException, to: str) -> HubError:
    """What went wrong, in a sentence: the hub's own answer where one is behind it."""
    causes = list(_causes(error))
    codes = [getattr(getattr(one, "response", None), "status_code", None) for one in causes]
    status = next((code for code in codes if code is not None), None)
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    told = f"{type(error).__name__}: {first}"
    if status == 401:
        return HubError("the hub does not know this token (401): was it cut short, or deleted? "
                        f"Make a new one at {TOKENS} and set HF_TOKEN to it")  # fmt: skip
    if status == 403:
        return HubError(
            f"this token may not write to {to} (403). Is {to.partition('/')[0]} your user or an "
            f"organization of yours? Does the token have the role write? See {TOKENS}"
        )
    if status is not None:
        then = "Try again later" if status >= 500 else "Nothing was committed"
        return HubError(f"the hub answered {status} to what was sent to {to}: {first}. {then}")
    if any(isinstance(one, OSError) or type(one).__module__.startswith("httpx") for one in causes):
        return HubError(
            f"{_endpoint()} could not be reached, or hung up ({told}). Is there a network? "
            "HF_ENDPOINT names another hub. To see what would be sent: --dry-run"
        )
    return HubError(
        f"{_endpoint()} did not take what was sent to {to} ({told}). Look what is there before "
        "you send it again; HF_HUB_DISABLE_XET=1 sends the weights the older way"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
