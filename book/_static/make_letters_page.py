"""Makes letters_page.png: the class page of lab 11, of letters that nobody handed in.

    python book/_static/make_letters_page.py

The tiny GPT-2 wrote them; the names are made up. Needs playwright and a Chromium.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_ext")]

from sampling_record import model_of, written  # noqa: E402

from autograder import letters  # noqa: E402
from gptlab import letter, tiny  # noqa: E402

SIZE = {"width": 680, "height": 900}
LETTERS = {  # student -> name shown, prompt, temperature, top k, seed, lines that were kept
    "ada": ("Ada", "O Juliet, my", 0.6, 40, 15, 3),
    "max": ("Max", "ROMEO:\nMy love, thou art", 0.8, 40, 2, 5),
    "kim": ("Kim", "Sweet lady, my heart", 2.0, 200, 7, 3),
    "lou": ("", "Sweet lady, my heart", 0.6, 40, 25, 3),
}
PICKS = {"romantic": "ada", "funniest": "max", "clumsiest": "kim"}


def made() -> letters.Class:
    """The letters, as the tiny GPT-2 writes them."""
    found, model = letters.Class(), model_of()
    for student, (name, prompt, temperature, top_k, seed, kept) in LETTERS.items():
        ids = written(model, prompt, seed, 60, temperature=temperature, top_k=top_k)
        lines = tiny.tokenizer().decode(ids).splitlines()[:kept]
        settings = {"temperature": temperature, "top_k": top_k, "seed": seed}
        found.shown[student] = letter.read({
            "prompt": prompt, "settings": settings, "letter": "\n".join(lines), "agree": True,
            "name": name,
        })  # fmt: skip
    return found


def take(path: Path) -> None:
    """Make the page as an instructor does, and take its picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["COURSE_ROOT"] = folder
        page_file = letters.write("lab11_sampling", made(), PICKS)[0]
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(page_file.as_uri())
        page.screenshot(path=path, full_page=True)
        browser.close()


def main() -> None:
    """Take it, and keep it small: a page has few colours."""
    path = Path(__file__).resolve().with_name("letters_page.png")
    take(path)
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
