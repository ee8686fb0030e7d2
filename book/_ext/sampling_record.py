"""What chapter 11 says of sampling: its command lines, settings, two GELUs, two branches.

    python book/_ext/sampling_record.py [PART]    writes book/_ext/sampling.json; five minutes
    python book/_ext/sampling_record.py commands  the command lines alone; two minutes

Everything is written by the tiny GPT-2, and one text by a run that is trained for it. The commands
run as in a terminal, in an empty folder with the model.py and sample.py of lab 11; GPT-2 itself is
not looked for anywhere else. What attention and the head cost is measured at GPT-2's sizes by
attention_record.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from math import exp
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import attention_record
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from training_record import tiny_model

from gptlab import data, measures, nano, sample, tiny, torch_layouts

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "solutions" / "lab11_sampling"
RECORD = Path(__file__).with_name("sampling.json")
LIBRARY, STUDENT = "python -m gptlab.sample", "python sample.py"
START = "--init_from=tiny --start=ROMEO: --max_new_tokens=12"
TRAIN = "python -m gptlab.train --preset tiny --steps 100"  # writes runs/tiny
COMMANDS: dict[str, tuple[str, str]] = {  # name -> program, options
    "first": (LIBRARY, "--start='Hello, my name is' --max_new_tokens=40"),
    "student": (STUDENT, "--start='Hello, my name is' --max_new_tokens=40"),
    "start": (LIBRARY, START),
    "num_samples": (LIBRARY, f"{START} --num_samples=2"),
    "max_new_tokens": (LIBRARY, f"{START} --max_new_tokens=4"),
    "cold": (LIBRARY, f"{START} --temperature=0"),
    "hot": (LIBRARY, f"{START} --temperature=3"),
    "hot, few": (LIBRARY, f"{START} --temperature=3 --top_k=2"),
    "all": (LIBRARY, f"{START} --top_k=99999"),
    "seed": (LIBRARY, f"{START} --seed=7"),
    "file": (LIBRARY, "--init_from=tiny --start=FILE:prompt.txt --max_new_tokens=12"),
    "cpu": (LIBRARY, f"{START} --device=cpu"),
    "prompt": (LIBRARY, "--init_from=tiny --prompt=ROMEO: --max_tokens=12"),
    "medium": (LIBRARY, "--init_from=gpt2-medium --start=ROMEO: --max_new_tokens=12"),
    "run": (LIBRARY, "--init_from=runs/tiny --start=ROMEO: --max_new_tokens=12"),
    "nothing": (LIBRARY, "--init_from=tiny --start='<|endoftext|>' --max_new_tokens=12"),
    "temperature": (LIBRARY, "--temperature=-1"),
    "no file": (LIBRARY, "--start=FILE:none.txt"),
    "device": (LIBRARY, "--device=tpu"),
    "quotes": (LIBRARY, "--start Hello, my name is"),
    "slip": (STUDENT, START),  # with a model.py that gives the scores of all positions
}
PROMPT = "Sweet lady, my heart"
SETTINGS = [(0, 40), (0.5, 40), (0.8, 40), (0.8, 200), (1.2, 40), (1.2, 200), (2, 200)]
PROMPTS = ["Sweet lady, my heart", "ROMEO:\nMy love,", "O Juliet! O", "Hi honey, xoxo"]
WARM, FEW, SEED = 0.8, 40, 7
ROWS, NEW = 100, 40  # letters a setting; tokens of each
PAIRS, MANY = 100, 150  # texts by erf and by tanh from one seed; tokens of each


def model_of(gelu: str = "tanh") -> nano.GPT:
    """The tiny GPT-2, with either GELU."""
    sizes = tiny.hparams()
    names = {"n_ctx": "block_size", "n_vocab": "vocab_size", "n_layer": "n_layer",
             "n_head": "n_head", "n_embd": "n_embd"}  # fmt: skip
    model = nano.GPT(nano.GPTConfig(**{names[key]: sizes[key] for key in names}))
    model.load_state_dict(torch_layouts.to_nano(tiny.params()))
    for block in model.transformer.h:
        block.mlp.gelu = nn.GELU(approximate=gelu)
    return model.eval()


def by_hand(q: Tensor, k: Tensor, v: Tensor, **_: Any) -> Tensor:
    """Attention with the whole table, in the place of PyTorch's one call."""
    T = q.shape[-2]
    att = (q @ k.transpose(-2, -1)) / q.shape[-1] ** 0.5
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    return F.softmax(att.masked_fill(later, -torch.inf), dim=-1) @ v


# The command line


def commands(names: Iterable[str] = COMMANDS) -> dict[str, Any]:
    """Each command, or those that are named, with what it printed and its exit code."""
    model = (LAB / "model.py").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(LAB / "sample.py", folder)
        Path(folder, "prompt.txt").write_text("O my love,\n", encoding="utf-8")
        made = {}
        for name in names:
            slip = model.replace("x[:, [-1], :]", "x") if name == "slip" else model
            Path(folder, "model.py").write_text(slip, encoding="utf-8")
            if name == "run":
                _shell(TRAIN, Path(folder)).check_returncode()
            made[name] = ran(*COMMANDS[name], Path(folder))
    return made


def _shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of Python as a shell runs it in this folder."""
    python = f'"{sys.executable}"{command.removeprefix("python")}'
    return subprocess.run(
        python, shell=True, cwd=folder, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def ran(program: str, options: str, folder: Path) -> dict[str, Any]:
    """One command with what it printed; it finds no texts and no weights of this machine."""
    away = {"GPTLAB_DATA": str(folder), "GPTLAB_CACHE": str(folder / "cache")}
    done = _shell(f"{program} {options}", folder, **away)
    said = [text.replace(f"{folder}{os.sep}", "") for text in (done.stdout, done.stderr)]
    return {"command": f"{program} {options}", "out": said[0], "err": said[1],
            "code": done.returncode}  # fmt: skip


# Letters


def words_of(text: str) -> list[str]:
    """Its words, in small letters."""
    return re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower())


def written(model: nn.Module, prompt: str, seed: int, n: int, **knobs: Any) -> list[int]:
    """Prompt and text as ids, as the command draws them."""
    ids = torch.tensor([tiny.tokenizer().encode(prompt)])
    chance = torch.Generator().manual_seed(seed)
    return sample.generate(model, ids, n, 64, generator=chance, **knobs)[0].tolist()


def letters(prompt: str, known: set[str], temperature: float, top_k: int) -> dict[str, Any]:
    """One letter as it is; over ROWS of them: words that the plays have, the usual odds."""
    model, all_scores, tokenizer = model_of(), tiny_model().eval(), tiny.tokenizer()
    knobs = {"temperature": temperature, "top_k": top_k}
    begins = len(tokenizer.encode(prompt))
    real, odds, texts = [], [], []
    for seed in range(1, ROWS + 1):
        whole = written(model, prompt, seed, NEW, **knobs)
        ids = whole[begins:]
        found = words_of(tokenizer.decode(ids))[1:-1]  # the outer ones may be pieces
        real.append(sum(word in known for word in found) / len(found) if found else 1.0)
        odds.append(float(measures.mean_log_prob(all_scores, torch.tensor([whole]), begins)))
        texts.append(tokenizer.decode(ids))
    one = tokenizer.decode(written(model, prompt, SEED, NEW, **knobs))
    return {"prompt": prompt, **knobs, "text": one, "words": sum(real) / ROWS,
            "odds": exp(sum(odds) / ROWS), "different": len(set(texts))}  # fmt: skip


# Two differences


def stages(model: nano.GPT, ids: Tensor, attention: Callable[..., Tensor]) -> list[Tensor]:
    """The last position after each block, the last norm, the head; with this attention."""
    met: list[Tensor] = []
    parts = [*model.transformer.h, model.transformer.ln_f, model.lm_head]
    hooks = [part.register_forward_hook(lambda _, __, out: met.append(out[0, -1].double()))
             for part in parts]  # fmt: skip
    usual, F.scaled_dot_product_attention = F.scaled_dot_product_attention, attention
    try:
        with torch.no_grad():
            model(ids)
    finally:
        F.scaled_dot_product_attention = usual
        for hook in hooks:
            hook.remove()
    return met


def differences() -> dict[str, Any]:
    """The largest difference over the spread, stage by stage, in 32 and in 64 bits."""
    ids = torch.tensor([tiny.tokenizer().encode("My lord, my love is like a")])
    one_call, made = F.scaled_dot_product_attention, {}
    for bits in (32, 64):
        tanh, erf = model_of("tanh"), model_of("none")
        if bits == 64:
            tanh, erf = tanh.double(), erf.double()
        right = stages(tanh, ids, one_call)
        others = {"erf": stages(erf, ids, one_call), "long": stages(tanh, ids, by_hand)}
        for name, found in others.items():
            made[f"{name} {bits}"] = [((a - b).abs().max() / b.std()).item()
                                      for a, b in zip(found, right, strict=True)]  # fmt: skip
    blocks = [f"block {i}" for i in range(tiny.hparams()["n_layer"])]
    return {"stages": [*blocks, "last norm", "scores"], **made}


def parting() -> dict[str, Any]:
    """From one seed and the same odds but for the GELU: after how many tokens texts part."""
    tanh, erf, after = model_of("tanh"), model_of("none"), []
    for seed in range(1, PAIRS + 1):
        one, two = (written(model, PROMPT, seed, MANY, temperature=WARM, top_k=200)
                    for model in (tanh, erf))  # fmt: skip
        begins = len(tiny.tokenizer().encode(PROMPT))
        same = next((i for i, pair in enumerate(zip(one, two, strict=True)) if pair[0] != pair[1]),
                    len(one))  # fmt: skip
        after.append(same - begins)
    return {"pairs": PAIRS, "tokens": MANY, "after": sorted(n for n in after if n < MANY)}


def letter_parts() -> dict[str, Any]:
    """By setting and by prompt."""
    known = set(words_of(data.tiny_shakespeare().text))
    return {
        "settings": [letters(PROMPT, known, *setting) for setting in SETTINGS],
        "prompts": [letters(prompt, known, WARM, FEW) for prompt in PROMPTS],
        "count": ROWS, "new": NEW,
    }  # fmt: skip


PARTS: dict[str, Callable[[], Any]] = {
    "commands": commands, "letters": letter_parts, "apart": differences, "parting": parting,
    "costs": attention_record.measured, "torch": lambda: torch.__version__,
}  # fmt: skip


def main() -> None:
    """Write it; of the parts that are named, or all."""
    torch.set_num_threads(1)
    named = sys.argv[1:] or list(PARTS)
    record = {} if named == list(PARTS) else json.loads(RECORD.read_text(encoding="utf-8"))
    record.update({name: PARTS[name]() for name in named})
    record = {name: record[name] for name in PARTS}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
