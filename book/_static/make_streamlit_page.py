"""Makes streamlit_page.png: the page of lab 5 in a real run, on the tiny GPT-2.

    python book/_static/make_streamlit_page.py PICO_GPT.py

Needs streamlit, playwright and a Chromium.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gptlab.apps import launch

SIZE = {"width": 1160, "height": 985}


def take(code: str, path: Path) -> None:
    """Start the page in a folder of its own, use it, and take its picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shutil.copy(code, f"{folder}/pico_gpt.py")
        os.chdir(folder)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        served = launch.streamlit(weights="tiny", port=8599)
        try:
            page = browser.new_page(viewport=SIZE, color_scheme="light")
            page.goto(served.url)
            page.get_by_role("button", name="Generate").click()
            page.get_by_text("Done: 20 tokens").wait_for()
            page.get_by_text("Under the hood").click()
            page.get_by_test_id("lab-heads").wait_for()
            page.wait_for_timeout(1500)
            page.screenshot(path=path)
        finally:
            served.stop()
            browser.close()
            os.chdir(path.parent)


def main() -> None:
    """Take it, and keep it small: a page has few colours."""
    path = Path(__file__).resolve().with_name("streamlit_page.png")
    take(str(Path(sys.argv[1]).absolute()), path)
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
