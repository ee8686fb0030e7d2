"""Makes gradio_page.png and gradio_phone.png: the chat page of lab 12 in a real run.

    python book/_static/make_gradio_page.py [MODEL]

MODEL: as `python -m gptlab.apps.gradio_app --model` has it; the small one by default. Needs gradio,
playwright and a Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gptlab.apps import launch

PORT = 8598
PICTURES = {
    "gradio_page.png": {"width": 1280, "height": 760},
    "gradio_phone.png": {"width": 390, "height": 844},
}
QUESTIONS = ["Hello! I am Leo.", "What is a token?", "What is 7 plus 5?"]


def take(browser: Browser, url: str, size: dict[str, int], path: Path) -> None:
    """A short conversation, at temperature 0: the same answers each time."""
    page = browser.new_page(viewport=size, color_scheme="light")
    page.goto(url)
    number = page.get_by_role("spinbutton", name="Temperature")
    number.fill("0")
    number.press("Tab")
    box = page.get_by_role("textbox", name="Your message")
    for asked, question in enumerate(QUESTIONS):
        box.fill(question)
        box.press("Enter")
        page.locator('#chat [data-testid="bot"]').nth(asked).wait_for()
        page.get_by_role("button", name="Send").wait_for()
    page.mouse.move(2, 2)
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.wait_for_timeout(800)
    page.screenshot(path=path)
    page.close()
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def main() -> None:
    """Serve the page, and take both."""
    here = Path(__file__).resolve().parent
    served = launch.gradio(sys.argv[1] if sys.argv[1:] else None, port=PORT)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for name, size in PICTURES.items():
                take(browser, served.url, size, here / name)
            browser.close()
    finally:
        served.stop()


if __name__ == "__main__":
    main()
