"""The chat page on a stand-in for a model: `python tests/chat_sample.py PORT FOLDER`.

What it answers depends on the message. "slow" takes ten seconds, and each piece that is computed
is a line in FOLDER/pieces.txt; so a test sees whether the computing goes on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gptlab.apps.desk import Engine, Settings

HTML = (
    '<img src="x" onerror="window.hit=1"> <script>window.hit=2</script> <b>bold</b> '
    '[a link](javascript:window.hit=3) <a href="javascript:window.hit=4">here</a> **stars** '
    "$$x^2$$ `code` &amp; <think>aside</think> http://example.com/\n    indented\n# no heading"
)
WORD = ord("x")
SLOW = [f"piece{number} " for number in range(100)]


def engine(folder: Path) -> Engine:
    """It notes what it computes in a folder."""

    def reply(messages: list[dict[str, str]], settings: Settings) -> Iterator[str]:
        said = messages[-1]["content"]
        if "html" in said:
            yield HTML
        elif "slow" in said:
            for piece in SLOW:
                time.sleep(0.1)
                with (folder / "pieces.txt").open("a") as out:
                    out.write(f"{said}: {piece}\n")
                yield f"{said.split()[-1]}-{piece}"
        elif "fail" in said:
            yield "It begins "
            raise RuntimeError("<b>no more</b> memory")
        elif "settings" in said:
            yield f"{settings.temperature:g} {settings.max_new_tokens} {settings.top_k}"
        elif "silent" in said:
            return
        else:
            yield f"turn {len(messages)}: {said}"

    return Engine(reply, "a stand-in", "no model at all <b>", 128)


def chat_model(folder: Path, name: str = "untrained") -> Path:
    """A chat model that knows one letter, small and quick, as a folder."""
    import torch

    from gptlab import hub
    from gptlab.conversations import SPECIAL
    from gptlab.nano import GPT, GPTConfig
    from gptlab.tokenizers import RegexTokenizer

    tokenizer = RegexTokenizer()
    tokenizer.train("What is a token? A token is a word, or a part of a word. " * 3, 280)
    tokenizer.register_special_tokens(
        {text: tokenizer.vocab_size + number for number, text in enumerate(SPECIAL)}
    )
    config = GPTConfig(
        block_size=96, vocab_size=tokenizer.vocab_size, n_layer=2, n_head=2, n_embd=32
    )
    with torch.random.fork_rng():
        torch.manual_seed(1337)
        model = GPT(config)
    with torch.no_grad():  # whatever it reads, it says this word, and never the end
        model.transformer.ln_f.bias += 5000 * model.transformer.wte.weight[WORD]
    return hub.save(folder, model, tokenizer, {"name": name})


def main() -> None:
    """Serve the page until it is ended."""
    from gptlab.apps import chat_page, gradio_app

    gradio_app.direct()
    page = chat_page.build(engine(Path(sys.argv[2])))
    page.launch(
        server_name="127.0.0.1", server_port=int(sys.argv[1]), share=False, quiet=True,
        theme=chat_page.theme(), **chat_page.LOOKS,
    )  # fmt: skip


if __name__ == "__main__":
    main()
