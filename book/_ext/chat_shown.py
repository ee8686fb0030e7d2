"""Chapter 12's drawings: a conversation as tokens, its mask, its history, its scores, its loop.

They are drawn from the committed model: its own tokenizer, and the figures of its own run. A
drawing takes the records of `make figures`, which these do not read: SVG text, wide or tall.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from svg import BAR, INK, LINE, OPEN, SOFT, Box, arrow, page, path, text

from gptlab import conversations, hub
from gptlab.chatting.places import PRESETS
from gptlab.tokenizers import RegexTokenizer
from gptlab.training.config import preset

Records = dict[str, dict[str, Any]]

TALK = Path(__file__).with_name("chat_talk.json")  # chat_record.py writes it
SHOWN = [
    {"role": "user", "content": "Hi!"},
    {"role": "assistant", "content": "Hello! How can I help?"},
    {"role": "user", "content": "What is 2 + 3?"},
    {"role": "assistant", "content": "2 + 3 = 5."},
]


@functools.cache
def small() -> hub.Checkpoint:
    """The committed model."""
    return hub.load("small")


@functools.cache
def talk() -> dict[str, Any]:
    """What chat_record.py wrote down."""
    return json.loads(TALK.read_text(encoding="utf-8"))


def numbers() -> dict[str, Any]:
    """What the pages say of the model, its run and the presets, by name."""
    run = small().run
    kinds = {kind: found for kind, found in run["scores"].items() if kind != "all"}
    return {
        **run, **talk(), "kinds": kinds, "all": run["scores"]["all"],
        "presets": {name: sizes(name) for name in PRESETS},
        "table": presets_table(), "scores_table": scores_table(), "answers": answers_table(),
        "dialogues": f"{run['data']['train_dialogues']:,}", "steps": f"{run['steps']:,}",
        "on": on_threads(),
        "begun": in_line(talk()["next_token"]["begun"]), "transcript": transcript(),
        "tiny_line": in_line(talk()["tiny_says"]),
    }  # fmt: skip


def in_line(words: str) -> str:
    """A text in one line of code; ⏎ is a new line."""
    return f"`{words.strip().replace(chr(10), ' ⏎ ')}`"


def transcript() -> str:
    """The recorded conversation, as a quotation."""
    return "\n>\n".join(
        f"> **{message['role']}**: {_field(message['content'])}" for message in talk()["talk"]
    )


def sizes(name: str) -> dict[str, Any]:
    """What a preset's model has, by arithmetic: Radford et al. 2019, with the head tied."""
    c = preset(name)
    C, V = c.n_embd, small().config.vocab_size
    block = 12 * C * C + 13 * C  # matrices; biases and norms
    without = c.n_layer * block + V * C + 2 * C
    whole = without + c.block_size * C
    return {
        "layers": c.n_layer, "heads": c.n_head, "wide": C, "context": c.block_size,
        "parameters": f"{whole:,}", "without": f"{without:,}", "MB": whole * 4 / 1e6,
    }  # fmt: skip


def on_threads() -> str:
    """On what the committed model was trained."""
    threads = small().run["threads"]
    return f"on {threads} thread{'s' * (threads != 1)}"


def presets_table() -> str:
    """The presets beside each other, as markdown."""
    use = {
        "chat-small": f"the labs, a laptop, this page: {small().run['seconds']:.0f} seconds "
                      f"{on_threads()}",
        "chat": "conversations, on a graphics card",
        "chat-large": "the most that it can learn, on a graphics card",
    }  # fmt: skip
    lines = ["| preset | layers, heads, width | context | parameters | without positions "
             "| in float32 | for |",
             "| :-- | :-- | --: | --: | --: | --: | :-- |"]  # fmt: skip
    for name in PRESETS:
        found = sizes(name)
        lines.append(
            f"| `{name}` | {found['layers']}, {found['heads']}, {found['wide']} | "
            f"{found['context']:,} | {found['parameters']} | {found['without']} | "
            f"{found['MB']:.0f} MB | {use[name]} |"
        )
    return "\n".join(lines)


def scores_table() -> str:
    """The scores of the committed model by kind of question, as markdown."""
    lines = ["| kind | questions | word for word | shared words |", "| :-- | --: | --: | --: |"]
    for kind, found in small().run["scores"].items():
        name = "**all**" if kind == "all" else kind
        lines.append(f"| {name} | {found['count']:,} | {found['exact']:.1%} | "
                     f"{found['partial']:.1%} |")  # fmt: skip
    return "\n".join(lines)


def answers_table() -> str:
    """Some held-out questions that it answers, and some that it does not, as markdown."""
    lines = ["| | question | it says | right would be |", "| :-- | :-- | :-- | :-- |"]
    for verdict, sign in (("right", "✓"), ("wrong", "✗")):
        for one in small().run["examples"][verdict]:
            said = " | ".join(_field(one[key]) for key in ("question", "answer", "wanted"))
            lines.append(f"| {sign} | {said} |")
    return "\n".join(lines)


def _field(words: str) -> str:
    """A text as it may stand in a table."""
    return " ".join(words.replace("|", "\\|").split())


def pieces(tokenizer: RegexTokenizer, messages: list[dict[str, str]]) -> list[tuple[str, int, int]]:
    """(text, id, mask) of each token of a conversation."""
    ids, mask = conversations.encode_with_mask(messages, tokenizer)
    return [(tokenizer.decode([token]), token, on)
            for token, on in zip(ids, mask, strict=True)]  # fmt: skip


def masked_ids(records: Records, *, tall: bool = False) -> str:
    """Each token with its id; those that the loss counts are filled."""
    limit, x, y, parts = (337 if tall else 712), 8.0, 22.0, []
    for words, token, on in pieces(small().tokenizer, SHOWN):
        shown = words.replace(" ", "␣")
        wide = max(30, 8.2 * len(shown) + 12)
        if x + wide > limit or (words == conversations.USER and x > 8):
            x, y = 8.0, y + 66
        fill = f'fill="{BAR}" fill-opacity="0.22"' if on else 'fill="none"'
        colour = BAR if on else LINE
        parts += [
            f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="30" rx="4" {fill} '
            f'stroke="{colour}"/>',
            text(x + wide / 2, y + 20, shown, size=13),
            text(x + wide / 2, y + 45, str(token), size=11, colour=SOFT),
        ]
        x += wide + 5
    title = "A conversation of four messages as tokens; the assistant's words and ends are filled"
    return page(limit + 8, y + 58, title, parts)


def history_cut(records: Records, *, tall: bool = False) -> str:
    """Turns of a long conversation as bars, and how much fits into the context."""
    turns = [(9, 18), (22, 30), (14, 26), (11, 20), (16, 0)]  # tokens: the user's, the answer's
    room, scale, left = 110, (1.95 if tall else 4.2), 10
    total = sum(user + answer for user, answer in turns)
    cut = 0
    while sum(user + answer for user, answer in turns[cut:]) > room:
        cut += 1
    x, parts = float(left), []
    for number, (user, answer) in enumerate(turns):
        kept = number >= cut
        for size, colour in ((user, OPEN), (answer, BAR)):
            if size:
                parts.append(
                    f'<rect x="{x:.1f}" y="40" width="{size * scale:.1f}" height="34" '
                    f'fill="{colour}" fill-opacity="{0.3 if kept else 0.06}" stroke="{LINE}"/>'
                )
            x += size * scale
    end = left + total * scale
    begin = end - room * scale
    kept_from = end - sum(user + answer for user, answer in turns[cut:]) * scale
    parts += [
        path([(begin, 28), (begin, 86)], colour=INK, head=False),
        path([(end, 28), (end, 86)], colour=INK, head=False),
        path([(begin, 94), (end, 94)], colour=INK, head=False),
        text((begin + end) / 2, 112, f"room for {room} tokens"),
        text((left + kept_from) / 2, 24, "forgotten" if tall else "forgotten, whole turns"),
        text((kept_from + end) / 2, 24, "what the model reads"),
    ]
    title = f"Five turns; {cut} of them do not fit into {room} tokens and are cut, whole"
    return page(end + 10, 124, title, parts)


def chat_scores(records: Records, *, tall: bool = False) -> str:
    """A bar for each kind of question: word for word, and words shared."""
    found = small().run["scores"]
    label, length = (96, 170) if tall else (110, 460)
    parts, y = [], 30.0
    for kind, score in found.items():
        for share, fill, opacity in ((score["partial"], BAR, 0.25), (score["exact"], BAR, 0.8)):
            parts.append(
                f'<rect x="{label + 8}" y="{y - 13}" width="{share * length:.1f}" height="16" '
                f'fill="{fill}" fill-opacity="{opacity}"/>'
            )
        said = f"{score['exact']:.0%}" + ("" if tall else f" and {score['partial']:.0%}")
        parts += [
            text(label, y, kind, anchor="end", bold=kind == "all"),
            text(label + 8 + score["partial"] * length + 6, y, said, anchor="start", size=11),
        ]
        y += 26
    title = "Scores on held-out conversations by kind: word for word (dark), shared words (pale)"
    return page(label + length + (70 if tall else 110), y, title, parts)


def next_token(records: Records, *, tall: bool = False) -> str:
    """How likely each next token of an answer is, at three temperatures."""
    temperatures = talk()["next_token"]["temperatures"]
    wide, gap = (328, 26) if tall else (224, 14)
    parts, x, y = [], 8.0, 20.0
    for number, (temperature, rows) in enumerate(temperatures.items()):
        x0 = 8.0 if tall else 8 + number * (wide + gap)
        y0 = y + number * 168 if tall else y
        parts.append(text(x0, y0, f"temperature {temperature}", anchor="start", bold=True))
        for row, (words, share) in enumerate(rows):
            at = y0 + 24 + row * 22
            parts += [
                text(x0 + 76, at, words.replace(" ", "␣"), anchor="end"),
                f'<rect x="{x0 + 84}" y="{at - 12}" width="{max(share, 0.004) * 96:.1f}" '
                f'height="15" fill="{BAR}" fill-opacity="0.6"/>',
                text(x0 + 84 + share * 96 + 5, at, f"{share:.1%}", anchor="start", size=11),
            ]
        x = max(x, x0 + wide)
        bottom = y0 + 24 + len(rows) * 22
    title = "How likely the next tokens of an answer are, at three temperatures"
    return page(x + 8, bottom, title, parts)


def chat_loop(records: Records, *, tall: bool = False) -> str:
    """What happens between a question and its answer."""
    steps = [
        ("messages", "who said what"), ("template", "roles, ends"), ("ids", "cut at turns"),
        ("model", "scores, (V,)"), ("temperature", "then top-k"), ("draw", "one token"),
    ]  # fmt: skip
    if tall:
        boxes = [Box(40, 8 + 78 * n, 150, name, below) for n, (name, below) in enumerate(steps)]
        parts = [box.svg() for box in boxes]
        for above, below in pairwise(boxes):
            parts.append(arrow(115, above.y + 53, 115, below.y - 2))
        last, model = boxes[5], boxes[3]
        parts += [
            path([(x, y + 26) for x, y in ((190, last.y), (236, last.y), (236, model.y),
                                           (193, model.y))]),
            text(244, last.y - 30, "again", anchor="start", size=11, colour=BAR),
            arrow(115, last.y + 53, 115, last.y + 84),
            text(115, last.y + 102, "at <|end|>: the answer", size=12),
        ]
        return page(300, last.y + 112, LOOP, parts)
    boxes = [Box(8 + 120 * n, 30, 100, name, below) for n, (name, below) in enumerate(steps)]
    parts = [box.svg() for box in boxes]
    for left, right in pairwise(boxes):
        parts.append(arrow(left.x + 102, 56, right.x - 2, 56))
    last, model = boxes[5], boxes[3]
    middle = last.x + 50
    parts += [
        path([(middle - 20, 83), (middle - 20, 108), (model.x + 50, 108), (model.x + 50, 85)]),
        text((middle + model.x + 30) / 2, 124, "again, until <|end|>", size=11, colour=BAR),
        arrow(middle + 20, 83, middle + 20, 134),
        text(middle + 20, 150, "the answer"),
    ]
    return page(boxes[5].x + 112, 158, LOOP, parts)


LOOP = (
    "From messages through template, ids and model to scores, from which a token is drawn; again "
    "and again, until it is the end"
)
DRAWINGS: dict[str, Callable[..., str]] = {
    "masked-ids": masked_ids,
    "history-cut": history_cut,
    "chat-scores": chat_scores,
    "next-token": next_token,
    "chat-loop": chat_loop,
}
