"""The page on a GPT-2 in NumPy: the student's own pico_gpt.py, or the library's.

streamlit run gptlab/apps/streamlit_app.py -- --code pico_gpt.py --weights tiny
python -m gptlab.apps.streamlit_app --code pico_gpt.py --weights gpt2_weights.npz
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def options() -> argparse.Namespace:
    """What stands behind the name of the program."""
    parser = argparse.ArgumentParser(
        prog="python -m gptlab.apps.streamlit_app", description="A page on a GPT-2 in NumPy",
        allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--code", metavar="FILE", help="the student's file (pico_gpt.py)")
    parser.add_argument(
        "--weights", metavar="FILE",
        help='an .npz of gptlab.weights.save, or "tiny" (gpt2_weights.npz)',
    )  # fmt: skip
    parser.add_argument(
        "--allow-pickle", action="store_true",
        help="read pickled weights: only a file that you made yourself",
    )  # fmt: skip
    parser.add_argument("--n-head", type=int, help="heads of pickled weights (12)")
    parser.add_argument("--port", type=int, help="the page's port (8501)")
    found = parser.parse_args()
    found.named = found.code is not None
    found.code = found.code or "pico_gpt.py"
    return found


def serve(found: argparse.Namespace) -> None:
    """Start Streamlit on this file, in this process."""
    try:
        from streamlit.web import cli
    except ImportError:
        sys.exit("Streamlit is not installed. Do this: python -m pip install streamlit")
    from gptlab.apps import launch

    settings = launch.flags(launch.SETTINGS)
    settings += [f"--server.port={found.port}"] if found.port else []
    sys.exit(cli.main(["run", str(Path(__file__).resolve()), *settings, "--", *sys.argv[1:]]))


def draw() -> None:
    """The page, inside of Streamlit."""
    if str(ROOT) not in sys.path:  # `streamlit run` puts this folder there, not the library's
        sys.path.insert(0, str(ROOT))
    from gptlab.apps import page

    page.main(options())


if __name__ == "__main__":
    from streamlit import runtime

    if runtime.exists():
        draw()
    else:
        serve(options())
