"""What chapter 8 shows of training: measured once and kept.

    python book/_ext/training_record.py     writes book/_ext/training.json; three minutes

A small GPTModel on The Verdict until it knows it by heart; a run that is stopped in the middle, and
goes on with something missing; how large gradients are; what a block keeps for the way back. One
thread, since the order of additions depends on their number.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gptlab import data, gpt, gpt_layout, sample, tiny
from gptlab import pretraining as pt

RECORD = Path(__file__).with_name("training.json")
SIZE = {"vocab_size": 512, "context_length": 64, "emb_dim": 96, "n_heads": 4, "n_layers": 2,
        "qkv_bias": False, "tied": False}  # fmt: skip
BATCH, EPOCHS, RATE, DECAY = 4, 24, 1e-3, 0.1
START, SHOWN = 16, 48  # tokens that a quotation begins with, and that are asked for
SMALL = {**SIZE, "context_length": 32, "emb_dim": 48, "drop_rate": 0.1}
STEPS, STOP, WARM = 120, 60, 20  # of the run that is stopped
BINS = range(-60, 1)  # powers of two


def recited(model: nn.Module, ids: list[int]) -> int:
    """How many tokens of a text the model continues rightly, from its first START."""
    idx = torch.tensor([ids[:START]])
    model.eval()
    found = sample.generate(model, idx, SIZE["context_length"] - START, SIZE["context_length"])
    model.train()
    same = (found[0, START:] == torch.tensor(ids[START : SIZE["context_length"]])).tolist()
    return same.index(False) if False in same else len(same)


def overfitted(text: str, drop_rate: float) -> dict[str, Any]:
    """Both losses before training and after each epoch, and what is known by heart at the end."""
    tokenizer = tiny.tokenizer()
    torch.manual_seed(0)
    model = gpt.GPTModel({**SIZE, "drop_rate": drop_rate})
    optimizer = torch.optim.AdamW(pt.optimizer_groups(model, DECAY), lr=RATE)
    train, val = pt.make_loaders(text, 0.9, BATCH, SIZE["context_length"], tokenizer)
    losses = [pt.evaluate_model(model, train, val, "cpu", None)]
    first = tokenizer.encode(text)[: SIZE["context_length"]]
    known = [recited(model, first)]
    for _ in range(EPOCHS):
        for xb, yb in train:
            pt.train_step(model, optimizer, xb, yb, max_norm=1.0)
        losses.append(pt.evaluate_model(model, train, val, "cpu", None))
        known.append(recited(model, first))
    idx = torch.tensor([first[:START]])
    model.eval()
    written = sample.generate(model, idx, SHOWN, SIZE["context_length"])
    at = int(0.9 * len(text))
    return {
        "train": [a for a, _ in losses],
        "val": [b for _, b in losses],
        "known": known,
        "written": pt.token_ids_to_text(written, tokenizer),
        "begins": tokenizer.decode(first[: START + SHOWN]),
        "steps": len(train),
        "tokens": [len(tokenizer.encode(part)) for part in (text[:at], text[at:])],
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def one_batch(text: str) -> dict[str, Any]:
    """The loss of a single batch that is learned again and again."""
    torch.manual_seed(0)
    model = gpt.GPTModel({**SIZE, "drop_rate": 0.0})
    optimizer = torch.optim.AdamW(pt.optimizer_groups(model, DECAY), lr=RATE)
    train, _ = pt.make_loaders(text, 0.9, BATCH, SIZE["context_length"], tiny.tokenizer())
    xb, yb = next(iter(train))
    return {"losses": [pt.train_step(model, optimizer, xb, yb, 1.0) for _ in range(101)]}


def batches(text: str, step: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless shuffled batches from the one that `step` would read; the order is the epoch's."""
    windows = pt.GPTDatasetV1(text, tiny.tokenizer(), SMALL["context_length"], 32)
    per_epoch = len(windows) // BATCH
    while True:
        order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(
            step // per_epoch))  # fmt: skip
        for i in order[: per_epoch * BATCH].view(-1, BATCH)[step % per_epoch :]:
            xb, yb = zip(*(windows[int(n)] for n in i), strict=True)
            yield torch.stack(xb), torch.stack(yb)
            step += 1


def made() -> tuple[nn.Module, torch.optim.Optimizer]:
    """The small model, new, and its optimizer."""
    torch.manual_seed(1)
    model = gpt.GPTModel(SMALL)
    return model, torch.optim.AdamW(pt.optimizer_groups(model, DECAY), lr=1e-3)


def go_on(
    text: str, model: nn.Module, optimizer: torch.optim.Optimizer, step: int, at: int, until: int
) -> list[float]:
    """Losses of the steps from `step`; the data begin at the batch of step `at`."""
    losses = []
    for xb, yb in batches(text, at):
        if step == until:
            return losses
        for group in optimizer.param_groups:
            group["lr"] = pt.learning_rate_at(step, WARM, STEPS, 3e-3, 3e-4)
        losses.append(pt.train_step(model, optimizer, xb, yb, max_norm=1.0))
        step += 1
    raise AssertionError("the batches never end")


def resumed(text: str) -> dict[str, list[float]]:
    """Losses of a run that is not stopped, and of it stopped and resumed without something."""
    model, optimizer = made()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "checkpoint.pt")
        before = go_on(text, model, optimizer, 0, 0, STOP)
        pt.save_checkpoint(path, model, optimizer, {"step": STOP})
        found = {"before": before, "not stopped": go_on(text, model, optimizer, STOP, STOP, STEPS)}
        for missing in ("nothing", "optimizer", "random state", "place in the data", "step"):
            model, optimizer = made()
            fresh = made()[1].state_dict()
            torch.manual_seed(2)
            chance = torch.get_rng_state()
            step = at = pt.load_checkpoint(path, model, optimizer)["step"]
            if missing == "optimizer":
                optimizer.load_state_dict(fresh)
            if missing == "random state":
                torch.set_rng_state(chance)
            if missing == "place in the data":
                at = 0
            if missing == "step":
                step = 0
            found[missing] = go_on(text, model, optimizer, step, at, step + STEPS - STOP)
    return found


def tiny_model() -> gpt.GPTModel:
    """The tiny checkpoint as a GPTModel."""
    sizes = tiny.hparams()
    names = ("vocab_size", "context_length", "emb_dim", "n_heads", "n_layers")
    keys = ("n_vocab", "n_ctx", "n_embd", "n_head", "n_layer")
    cfg = {name: sizes[key] for name, key in zip(names, keys, strict=True)}
    model = gpt.GPTModel({**cfg, "drop_rate": 0.0, "qkv_bias": True, "tied": True})
    model.load_state_dict(gpt_layout.to_gpt(tiny.params()))
    return model


def gradients(text: str) -> dict[str, Any]:
    """How large the gradients of everything that is computed are, in powers of two."""
    model = tiny_model()
    windows = pt.GPTDatasetV1(text[-20_000:], tiny.tokenizer(), 64, 64)
    xb, yb = (torch.stack(part) for part in zip(*(windows[i] for i in range(32)), strict=True))
    met: list[Tensor] = []

    def keep(_: nn.Module, __: Any, out: Tensor) -> None:
        out.register_hook(lambda gradient: met.append(gradient.detach().flatten()))

    for module in model.modules():
        if not list(module.children()):
            module.register_forward_hook(keep)
    pt.calc_loss_batch(xb, yb, model, "cpu").backward()
    every = torch.cat(met)
    every = every[every != 0]
    power = every.abs().log2().floor().clamp(BINS[0], BINS[-1]).long() - BINS[0]
    shares = torch.bincount(power, minlength=len(BINS)) / len(every)

    def lost(scale: float, kind: torch.dtype) -> float:
        return float(((every * scale).to(kind) == 0).float().mean())

    return {
        "shares": shares.tolist(),
        "numbers": len(every),
        "tokens": xb.numel(),
        "lost float16": lost(1, torch.float16),
        "lost scaled": lost(2**16, torch.float16),
        "too large scaled": float(((every * 2**16).half().isinf()).float().mean()),
        "lost bfloat16": lost(1, torch.bfloat16),
        "largest": float(every.abs().max()),
    }


def kept_by(layers: int, again: bool) -> float:
    """What blocks keep for the way back: numbers for each token, in widths."""
    C, T = 96, 64
    cfg = {**SIZE, "emb_dim": C, "drop_rate": 0.0}
    blocks = [gpt.TransformerBlock(cfg) for _ in range(layers)]
    own = {p.data_ptr() for block in blocks for p in block.parameters()}
    kept: dict[int, int] = {}

    def pack(x: Tensor) -> Tensor:
        if x.data_ptr() not in own and x.numel() >= T * C:
            kept[x.untyped_storage().data_ptr()] = x.untyped_storage().nbytes() // 4
        return x

    x = torch.randn(2, T, C, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        for block in blocks:
            x = checkpoint(block, x, use_reentrant=False) if again else block(x)
    return sum(kept.values()) / (2 * T * C)


def main() -> None:
    """Write it."""
    torch.set_num_threads(1)
    verdict, play = data.the_verdict(), data.tiny_shakespeare()
    record = {
        "text": verdict.name,
        "plain": overfitted(verdict.text, 0.0),
        "dropout": overfitted(verdict.text, 0.2),
        "one batch": one_batch(verdict.text),
        "resumed": resumed(verdict.text),
        "gradients": gradients(play.text),
        "kept": {"a block": kept_by(3, False) - kept_by(2, False),
                 "a block, computed again": kept_by(3, True) - kept_by(2, True)},
        "size": SIZE | {"batch": BATCH, "epochs": EPOCHS},
        "torch": torch.__version__,
    }  # fmt: skip
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
