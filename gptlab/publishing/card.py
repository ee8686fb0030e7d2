"""The model card: README.md from the figures of a run, and no other.

After Mitchell et al. 2019, "Model Cards for Model Reporting". What run.json does not tell is left
out, and each limit that is named follows from a figure.

    name, preset, seed, steps, seconds, device, threads, torch      how it was made
    parameters, parameters_without_positions                        how large it is
    data      {generator, train_dialogues, held_out_dialogues, tokens}
    recipe    the settings of gptlab.train
    losses    {train, val}, nats a token
    scores    {"all" or a kind: {exact, partial, count}}, shares from 0 to 1
    examples  {"right" and "wrong": [{question, answer, wanted}]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gptlab.publishing.cells import cell
from gptlab.publishing.limits import limits, number, scores_of

__all__ = ["card"]

_FRONT = """---
license: mit
language: en
library_name: transformers
pipeline_tag: text-generation
tags:
- gpt2
- gptlab
- trained-from-scratch
---
"""
# What is left out of the table of settings: said elsewhere in the card.
_SAID = ("seed", "steps")

_TRANSFORMERS = """With `transformers`:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "."  # this folder, or user/name on the hub
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)
talk = [{"role": "user", "content": "Hello!"}]
inputs = tokenizer.apply_chat_template(
    talk, add_generation_prompt=True, return_dict=True, return_tensors="pt"
)
ids = model.generate(**inputs, max_new_tokens=100, do_sample=True, temperature=0.8, top_k=20)
print(tokenizer.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))
```
"""
_TYPED = """
`transformers` reads a special token that somebody typed as that token. So the chat template refuses
a message that holds one, and `tokenizer(text, split_special_tokens=True)` encodes it as text.
"""
_GPTLAB = """
With `gptlab`, the library of the course, `python -m gptlab.chat --model .` talks to it; or:

```python
import torch

from gptlab import conversations, hub

checkpoint = hub.load(".")
talk = [{"role": "user", "content": "Hello!"}]
prompt = conversations.prompt(talk, checkpoint.tokenizer)
ids = checkpoint.model.generate(
    torch.tensor([prompt]), max_new_tokens=100, temperature=0.8, top_k=20
)
answer = checkpoint.tokenizer.decode(ids[0, len(prompt) :].tolist())
print(answer.partition("<|end|>")[0])
```
"""
_TEXT = """With `transformers`:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "."  # this folder, or user/name on the hub
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)
inputs = tokenizer("Hello", return_tensors="pt")
ids = model.generate(**inputs, max_new_tokens=100, do_sample=True, temperature=0.8, top_k=20)
print(tokenizer.decode(ids[0]))
```

With `gptlab`, the library of the course:

```python
import torch

from gptlab import hub

checkpoint = hub.load(".")
ids = torch.tensor([checkpoint.tokenizer.encode("Hello")])
ids = checkpoint.model.generate(ids, max_new_tokens=100, temperature=0.8, top_k=20)
print(checkpoint.tokenizer.decode(ids[0].tolist()))
```
"""


def card(run: Mapping[str, Any], chat: bool = True) -> str:
    """The card of a model whose run left these figures. chat: it has the tokens of a chat."""
    sections = {
        "What it is": _what(run, chat),
        "Use": _TRANSFORMERS + _TYPED + _GPTLAB if chat else _TEXT,
        "Data": _data(_part(run, "data")),
        "Training": _training(run),
        "Losses": _losses(_part(run, "losses")),
        "Scores": _scores(run),
        "Right and wrong": _examples(_part(run, "examples")),
        "Limits": "\n".join(f"- {one}" for one in limits(run)),
    }
    told = [f"## {title}\n\n{text.strip()}\n" for title, text in sections.items() if text.strip()]
    name = run.get("name")
    title = cell(name) if isinstance(name, str) and name.strip() else "A GPT-2 of one's own"
    return "\n".join([_FRONT, f"# {title}\n", *told])


def _part(run: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A dict in the run; empty where there is none."""
    found = run.get(key)
    return found if isinstance(found, Mapping) else {}


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """head: "kind | exact:", with a colon where figures stand."""
    names = [one.strip() for one in head.split("|")]
    lines = [[name.rstrip(":") for name in names],
             ["--:" if name.endswith(":") else ":--" for name in names], *rows]  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _what(run: Mapping[str, Any], chat: bool) -> str:
    """What it is, and how large."""
    kind = "A small chat model" if chat else "A language model"
    said = f"{kind} with GPT-2's architecture, trained from nothing in the course GPT from scratch"
    recipe = _part(run, "recipe")
    names = {"n_layer": "layers", "n_head": "heads", "n_embd": "wide"}
    sizes = [f"{number(recipe, key):,} {name}" for key, name in names.items()
             if number(recipe, key) is not None]  # fmt: skip
    if number(recipe, "block_size") is not None:
        sizes.append(f"a context of {number(recipe, 'block_size'):,} tokens")
    if (count := number(run, "parameters")) is not None:
        without = number(run, "parameters_without_positions")
        more = "" if without is None else f" ({without:,} without those of the positions)"
        sizes.append(f"{count:,} parameters{more}")
    return f"{said}: {', '.join(sizes)}." if sizes else f"{said}."


def _data(data: Mapping[str, Any]) -> str:
    """What it was trained on."""
    names = {
        "generator": "made by",
        "train_dialogues": "dialogues to train on",
        "held_out_dialogues": "dialogues held out",
        "tokens": "tokens to train on",
    }
    rows = [(name, cell(data[key])) for key, name in names.items() if key in data]
    return _table("what | how many", rows) if rows else ""


def _training(run: Mapping[str, Any]) -> str:
    """How it was made: the command, the machine, the settings."""
    rows = [(f"`{key}`", cell(value)) for key, value in _part(run, "recipe").items()
            if key.isidentifier() and key not in _SAID
            and not isinstance(value, (dict, list))]  # fmt: skip
    names = {"preset": "preset", "seed": "seed", "steps": "steps", "seconds": "seconds",
             "device": "device", "threads": "threads", "torch": "torch"}  # fmt: skip
    run = {**run, "seed": str(run["seed"])} if "seed" in run else run  # no amount
    made = [(name, cell(run[key])) for key, name in names.items()
            if isinstance(run.get(key), (int, float, str))]  # fmt: skip
    return _table("setting | value", made + rows) if made + rows else ""


def _losses(losses: Mapping[str, Any]) -> str:
    """Both losses."""
    names = {"train": "training", "val": "held out"}
    rows = [(name, f"{number(losses, key):.4f}") for key, name in names.items()
            if number(losses, key) is not None]  # fmt: skip
    return _table("on | nats a token:", rows) if rows else ""


def _scores(run: Mapping[str, Any]) -> str:
    """A line for each kind, and what the figures are."""
    scores = scores_of(run)
    if not scores:
        return ""
    rows = [(cell(kind), f"{one.count:,}", f"{one.exact:.1%}", f"{one.partial:.1%}")
            for kind, one in scores.items()]  # fmt: skip
    return (
        "On dialogues that it was not trained on. Exact: the same words as the wanted answer. "
        "Partial: the F1 of the words.\n\n" + _table("kind | questions: | exact: | partial:", rows)
    )


def _examples(examples: Mapping[str, Any]) -> str:
    """Its own words, beside those that were wanted."""
    tables = []
    for key in ("right", "wrong"):
        found = examples.get(key)
        shown = found if isinstance(found, list) else []
        keys = ("question", "answer", "wanted")
        rows = [[cell(one.get(part, "")) for part in keys]
                for one in shown if isinstance(one, Mapping)]  # fmt: skip
        if rows:
            tables.append(f"{key.capitalize()}:\n\n" + _table(" | ".join(keys), rows))
    return "\n".join(tables)
