"""Which feature of the five documents that the course began with is where in it.

    python book/_ext/features.py          writes the tables into README.md

One list for the README and for the page of the site (directive `features`), which so say the same.
A place is a lab, a page, a program or a file, from the root of the repository; a test looks for
each of them.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- features: made by book/_ext/features.py -->", "<!-- end of features -->"

CHAT = "`python -m gptlab.chat`"
PAGE = "`python -m gptlab.apps.gradio_app`"
HUB = "`python -m gptlab.hub`"
TRAIN = "`python -m gptlab.train`"
SAMPLE = "`python -m gptlab.sample`"
TALKS = "`python -m gptlab.conversations`"
BENCH = "`python -m benchmarks chat`"
TIPS, NUMBERS = "[tips](book/tips.md)", "[benchmarks](book/benchmarks.md)"
WHOLE = "[all programs](book/programs.md)"


def lab(number: int) -> str:
    """A link to a lab's page."""
    path = next((ROOT / "solutions").glob(f"lab{number:02}_*.py")).stem
    return f"[lab {number}](labs/{path}/{path}.ipynb)"


def chapter(number: int) -> str:
    """A link to a chapter."""
    name = next((ROOT / "book").glob(f"ch{number:02}_*.md")).name
    return f"[chapter {number}](book/{name})"


def features() -> dict[str, list[tuple[str, str]]]:
    """Document -> (feature, where it is here)."""
    return {
        "A GPT-2 in NumPy behind a web page, in Colab": _numpy_page(),
        "A small GPT project to chat with": _chat_model() + _chat_programs() + _chat_rest(),
        "GPT-2 from scratch with OpenAI's weights": _own_gpt2(),
        "A toy ChatGPT, character by character": _toy(),
        "A practical on sampling from GPT-2": _practical(),
    }


def _numpy_page() -> list[tuple[str, str]]:
    return [
        ("set up with one cell in Colab; a badge on each notebook", lab(5)),
        ("weights of Hugging Face to one `.npz` file", lab(5) + ", `gptlab/weights.py`"),
        ("`gelu`, `softmax`, `layer_norm`, `linear`", lab(5)),
        ("`attention` with scale and mask, `mha` in heads", lab(5)),
        ("`feed_forward`, `transformer_block`, `gpt2`", lab(5)),
        ("`generate`, greedy, with a progress bar", lab(5)),
        ("the student's code as a file of its own", lab(5) + " writes `pico_gpt.py`"),
        ("a page: prompt, slider, text as it comes", "`python -m gptlab.apps.streamlit_app`"),
        ("the five likeliest next tokens, under the hood", "the same page"),
        ("weights that are missing are said", "the same page"),
        ("Colab's proxy; localtunnel and pyngrok as alternatives", lab(5)),
        ("what goes wrong, and how long it takes", chapter(5) + ", " + TIPS),
    ]


def _chat_model() -> list[tuple[str, str]]:
    return [
        ("the whole architecture, in three forms", chapter(7) + ", `gptlab/nano.py`"),
        ("drawing of the architecture, and of how data flow", chapter(7) + ", " + chapter(12)),
        ("tokenizers: simple, BPE, fast", lab(4) + ", `gptlab/tokenizers/`"),
        ("`GPTConfig`: sizes to choose, two smaller presets",
         f"`gptlab/nano.py`, {TRAIN} `--preset tiny`, `small`"),
        ("the conversation model, 8 layers, 8 heads, 512 wide", f"{TRAIN} `--preset chat`"),
        ("the large one, 12 layers, 12 heads, 768 wide", f"{TRAIN} `--preset chat-large`"),
        ("a table that compares the models", chapter(12)),
        ("a model to talk to without training", "`gptlab/chatting/model/`"),
        ("clean conversation data, made by a program", TALKS),
        ("how long that takes, beside their 16 seconds", chapter(12)),
        ("training on conversations, in minutes", lab(12) + f", {TRAIN} `--preset chat-small`"),
        ("training on a text of one's own", f"{TRAIN} `--text FILE`"),
        ("AdamW, learning rate schedule, validation, checkpoints", lab(8) + f", {TRAIN}"),
        ("temperature, top-k, autoregressive generation", lab(9) + ", `gptlab/sample.py`"),
        ("CUDA found by itself; MPS and CPU", "`python -m gptlab.doctor`"),
    ]


def _chat_programs() -> list[tuple[str, str]]:
    return [
        ("chat in a terminal, conversation and single prompts", CHAT),
        ("`/help /settings /clear /reset /status /mode /info /load /quit`", CHAT),
        ("history of what was typed", CHAT),
        ("`--model --device --max-tokens --temperature --top-k --prompt`", f"{CHAT} `--help`"),
        ("text from a prompt in one line, for pipes", f"{CHAT} `--prompt`, {SAMPLE} `--prompt`"),
        ("`generate` of the main script", f"{CHAT} `generate`"),
        ("a look inside, where a conversation goes wrong", f"{CHAT} `--debug`"),
        ("in other scripts: a batch file, a PowerShell function", chapter(12)),
        ("launchers for PowerShell and batch files", "`gptlab/chatting/windows/`"),
        ("execution policy of PowerShell", TIPS),
        ("a chat page on port 7860: temperature, length", PAGE),
        ("a link to share, where it is asked for", f"{PAGE} `--share`"),
        ("a Space: what to upload, in four steps", f"{PAGE} `--export`, " + chapter(12)),
        ("model card and upload to the hub", HUB),
        ("Python API: config, model, tokenizer, `generate`", chapter(12) + ", `gptlab/hub.py`"),
        ("what can be run, in one list", "`python -m gptlab`, " + WHOLE),
    ]


def _chat_rest() -> list[tuple[str, str]]:
    return [
        ("CPU against CUDA, training and inference, memory", f"{BENCH}, " + NUMBERS),
        ("the large model against the small one", f"{BENCH}, " + NUMBERS),
        ("tips: faster training, better text, less memory", TIPS),
        ("gradient checkpointing", f"{TRAIN} `--recompute`, " + TIPS),
        ("mixed precision", f"{TRAIN} `--precision auto`, " + TIPS),
        ("CUDA out of memory, model not found, poor text", TIPS),
        ("tests of the model, of training, of conversations", "`make test`"),
        ("a licence, and how to contribute", "`LICENSE`, `CONTRIBUTING.md`"),
        ("examples: questions, answers, scores", lab(12) + f", {TALKS} `score small`"),
    ]


def _own_gpt2() -> list[tuple[str, str]]:
    return [
        ("versions are looked at first", "`python -m gptlab.doctor`, " + lab(0)),
        ("`MultiHeadAttention`", lab(6)),
        ("`LayerNorm`, `GELU`, `FeedForward`, `TransformerBlock`, `GPTModel`", lab(7)),
        ("`generate_text_simple`", lab(7)),
        ("losses by hand, flattening, perplexity", lab(8)),
        ("`GPTDatasetV1`, data loaders, The Verdict", lab(8)),
        ("`train_model_simple`, samples after each epoch, `loss-plot.pdf`", lab(8)),
        ("`generate` with temperature, top-k, `eos_id`", lab(9)),
        ("a checkpoint of model and optimizer that goes on", lab(8)),
        ("`download_and_load_gpt2`", "`gpt_download.py`, " + lab(10)),
        ("`assign`, `load_weights_into_gpt`", lab(10)),
        ("a small configuration and OpenAI's", lab(8) + ", " + lab(10)),
        ("caveats: overfitting, MPS, what is missing", chapter(8) + ", " + TIPS),
        ("next steps: perplexity, prompts to compare, schedule", lab(8) + ", " + lab(9)),
    ]


def _toy() -> list[tuple[str, str]]:
    return [
        ("Colab or local, GPU or not", "[for students](book/students.md), " + lab(0)),
        ("Tiny Shakespeare, or any text", lab(1) + f", {TRAIN} `--text FILE`"),
        ("vocabulary, `encode`, `decode`", lab(1)),
        ("split, windows, every prediction of a window", lab(1)),
        ("`get_batch`, shapes of inputs and targets", lab(1)),
        ("`Head`", lab(2)),
        ("`MultiHeadAttention`, `FeedForward`, `Block`, `ToyLanguageModel`", lab(3)),
        ("`estimate_loss`, the training loop, 2,000 characters", lab(3)),
        ("every TO-DO question", lab(1) + ", " + lab(3)),
        ("experiments: fewer steps, block sizes, another text", lab(3)),
        ("sample questions", lab(3)),
    ]


def _practical() -> list[tuple[str, str]]:
    return [
        ("`model.py` with `GPTConfig`, 50304 and why", lab(11) + ", " + chapter(11)),
        ("`CausalSelfAttention`, both branches", lab(11)),
        ("`MLP`, `Block`, `GPT.forward`, the last position only", lab(11)),
        ("`sample.py` with all options", lab(11) + f", {SAMPLE}"),
        ("started with `uv run python sample.py`", lab(11) + ", " + chapter(11)),
        ("a prompt out of a file, special tokens", f"{SAMPLE} `--start`"),
        ("LayerNorm without PyTorch's, as a bonus", lab(11)),
        ("the love letter, handed in and shown", lab(11) + ", `python -m autograder letters`"),
    ]


def tables(link: str = "") -> str:
    """All tables, as markdown; link: what stands before a path in a link."""
    parts = []
    for document, rows in features().items():
        lines = [f"| {document} | here |", "| :-- | :-- |"]
        lines += [f"| {feature} | {where} |" for feature, where in rows]
        parts.append("\n".join(lines))
    return re.sub(r"\]\((?=\w)", f"]({link}", "\n\n".join(parts))


def in_readme(text: str) -> str:
    """The README with today's tables between the two marks. ValueError where these are not."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks {BEGIN} or {END}: the tables stand between them")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


class Features(SphinxDirective):
    """The tables on a page of book/."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(tables("../"))


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(in_readme(path.read_text(encoding="utf-8")), encoding="utf-8")
