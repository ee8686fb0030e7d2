"""Talk to the chat model in the browser: streamed, with its settings, at http://127.0.0.1:7860.

python -m gptlab.apps.gradio_app
python -m gptlab.apps.gradio_app --model runs/chat --port 7861
python -m gptlab.apps.gradio_app --export my-space
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from gptlab.arguments import Parser

__all__ = ["PORT", "direct", "main"]

HOST, PORT = "127.0.0.1", 7860
SHARED, NOT_SHARED = "Shared for a week at ", "There is no share link"  # launch looks for them


class Refused(Exception):
    """The page cannot be served: what was found, and what to do."""


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What stands behind the name of the program. A Space sets the host and the port."""
    parser = Parser(
        prog="python -m gptlab.apps.gradio_app", description="Talk to the chat model in a browser"
    )
    parser.add_argument(
        "-m", "--model", metavar="NAME",
        help="the folder of a chat model, or a run of gptlab.train (small, which is in gptlab)",
    )  # fmt: skip
    parser.add_argument("-d", "--device", default="auto", help="cpu, cuda, mps or auto (auto)")
    parser.add_argument(
        "--host", default=os.environ.get("GRADIO_SERVER_NAME") or HOST,
        help="the address to listen at; 0.0.0.0: the whole network may ask (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--port", type=_port, default=os.environ.get("GRADIO_SERVER_PORT") or str(PORT),
        help="(%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--share", action="store_true",
        help="a public link through Gradio's server, for a week: whoever has it may ask",
    )  # fmt: skip
    parser.add_argument(
        "--export", metavar="FOLDER", type=_named,
        help="write what a Hugging Face Space needs, and serve nothing",
    )  # fmt: skip
    return parser.parse_args(words)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a whole number from 1 to 65535")
    return int(text)


def _named(folder: str) -> str:
    if not folder.strip():
        raise argparse.ArgumentTypeError("the name is empty: expected a new folder")
    return folder


def main(words: Sequence[str] | None = None) -> int:
    """Serve the page until Ctrl-C, or export it. 0; 2 where it cannot be, with a sentence; 130."""
    found = options(words)
    try:
        if find_spec("gradio") is None:
            raise Refused("Gradio is not installed. Do this: python -m pip install gradio")
        if found.export:
            _export(found.export, found.model)
        else:
            _serve(found)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while it starts, or a second one while it ends
        return 130
    return 0


def _export(folder: str, model: str | None) -> None:
    from gptlab.apps import space
    from gptlab.chatting.errors import ChatError

    try:
        written = space.export(Path(folder), model)
    except (ChatError, space.SpaceError) as error:
        raise Refused(str(error)) from error
    print(f"{written} is a Space: {', '.join(sorted(one.name for one in written.iterdir()))}.")
    print(f"Try it here: cd {written} && python app.py")


def _serve(found: argparse.Namespace) -> None:
    _free(found.port)
    direct()
    from gptlab.apps import desk
    from gptlab.chatting.errors import ChatError

    try:
        model = desk.engine(found.model, found.device)
    except ChatError as error:
        raise Refused(str(error)) from error
    from gptlab.apps import chat_page  # Gradio takes seconds: what is wrong is said before

    page = chat_page.build(model)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _, local, shared = page.launch(
            server_name=found.host, server_port=found.port, share=found.share, quiet=True,
            inline=False, prevent_thread_lock=True, theme=chat_page.theme(), **chat_page.LOOKS,
        )  # fmt: skip
    except OSError as error:
        raise Refused(
            f"The page could not listen at {found.host}, port {found.port}: is that an address of "
            f"this machine?\nDo this: --host {HOST}, or another --port"
        ) from error
    _tell(model.name, local.rstrip("/"), shared if found.share else None, found.share)
    _wait(page)


def _interrupt(*_: object) -> None:
    """As Ctrl-C: without it, a process that is told to end leaves the tunnel of --share open."""
    raise KeyboardInterrupt


def direct() -> None:
    """A proxy that the classroom has for the web is none for this machine itself."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))


def _tell(name: str, local: str, shared: str | None, asked: bool) -> None:
    """Where the page is."""
    print(f"{name} answers at {local}. Ctrl-C ends it.", flush=True)
    if shared:
        print(f"{SHARED}{shared}", flush=True)
    elif asked:
        print(f"{NOT_SHARED}: see above. Without one, the page is on this machine.", flush=True)


def _wait(page) -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nThe page ends.")
        page.close()


def _free(port: int) -> None:
    from gptlab.apps import background

    if background.taken(port):
        other = background.free_after(port)
        advice = f"--port {other}" if other else "end that program."
        held = f"Port {port} is in use by {background.holder(port)}."
        raise Refused(f"{held}\nDo this: {advice}")


if __name__ == "__main__":
    sys.exit(main())
