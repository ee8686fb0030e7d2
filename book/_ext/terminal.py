"""A terminal that a program runs in, driven by tmux: for tests and for pictures of programs."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

__all__ = ["TMUX", "Terminal"]

TMUX = shutil.which("tmux")
PATIENCE = 60.0  # seconds: loading torch takes some on a machine that does other things too


class Terminal:
    """One program in a window of a tmux server of its own, which ends with it.

        with Terminal(["python3"], columns=80, rows=24) as terminal:
            terminal.wait(">>>")
            terminal.type("1 + 1")
            print(terminal.text())

    It has no colours or settings of the user's: the server reads no configuration.
    """

    def __init__(
        self, command: Sequence[str], columns: int = 80, rows: int = 24, cwd: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.command, self.size, self.cwd = list(command), (columns, rows), cwd or Path.cwd()
        self.environment = environment or {}

    def __enter__(self) -> Terminal:
        self.folder = tempfile.TemporaryDirectory()
        # The exit code is shown when the program has ended, and the screen stays. Ctrl-C is the
        # program's: without a trap the shell would end after it too.
        script = f"trap : INT; {shlex.join(self.command)}; echo [ended: $?]; exec sleep 600"
        columns, rows = map(str, self.size)
        given = [part for name, value in self.environment.items() for part in
                 ("-e", f"{name}={value}")]  # fmt: skip
        self._tmux("-f", os.devnull, "new-session", "-d", "-x", columns, "-y", rows,
                   "-c", str(self.cwd), *given, "sh", "-c", script)  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            self._tmux("kill-server")
        finally:
            self.folder.cleanup()

    def _tmux(self, *arguments: str) -> str:
        environment = {key: value for key, value in os.environ.items() if key != "TMUX"}
        done = subprocess.run(
            [TMUX or "tmux", "-u", "-S", f"{self.folder.name}/tmux", *arguments],
            capture_output=True, text=True, encoding="utf-8", env=environment, timeout=30,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"tmux {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def type(self, text: str, enter: bool = True) -> None:
        """Type this, letter by letter as a person would, and Enter."""
        if text:
            self._tmux("send-keys", "-l", text)
        if enter:
            self.key("Enter")

    def key(self, name: str) -> None:
        """Press a key by tmux's name of it: C-c, C-d, Up, Tab, Enter."""
        self._tmux("send-keys", name)

    def text(self, colors: bool = False) -> str:
        """What is to be seen, without empty lines at the end."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colors else [])).rstrip("\n ")

    def wait(self, words: str, times: int = 1, patience: float = PATIENCE) -> str:
        """Wait until the words are to be seen, this often; gives all that is to be seen.

        A line may end between two of them.
        """
        end = time.monotonic() + patience
        while not self._shows(words, times):
            if time.monotonic() > end:
                raise TimeoutError(f"{words!r} did not come {times} times:\n{self.text()}")
            time.sleep(0.05)
        return self.flat()

    def _shows(self, words: str, times: int) -> bool:
        seen = self.flat()
        return times <= max(seen.count(words), " ".join(seen.split()).count(words))

    def flat(self) -> str:
        """What is to be seen, lines that were wrapped joined."""
        return self._tmux("capture-pane", "-p", "-J").rstrip("\n ")
