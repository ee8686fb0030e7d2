"""Make the tiny GPT-2 anew: train it, and write it as OpenAI wrote GPT-2.

    python -m gptlab.tiny.make FOLDER

Needs Tiny Shakespeare and TensorFlow, which writes the checkpoint. The numbers depend on the
processor in their last digits, so a second run gives another file of the same quality.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from gptlab import bigram, data, tokenizers, torch_layouts, weights
from gptlab.nano import GPT, GPTConfig

FILES = (
    "checkpoint", "encoder.json", "hparams.json", "model.ckpt.data-00000-of-00001",
    "model.ckpt.index", "model.ckpt.meta", "vocab.bpe",
)  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """All that decides the result, but for the text and the machine."""

    vocab_size: int = 512  # <|endoftext|> among them
    block_size: int = 64  # tokens
    n_layer: int = 4
    n_head: int = 4
    n_embd: int = 72
    steps: int = 6000
    batch_size: int = 32
    learning_rate: float = 3e-3  # falls to a twentieth, along a cosine
    warm_up: int = 100
    weight_decay: float = 0.1
    seed: int = 1337

    def model(self) -> GPT:
        """A new model. Its norms begin away from 1 and 0, so that no test passes without them."""
        sizes = (self.block_size, self.vocab_size, self.n_layer, self.n_head, self.n_embd)
        model = GPT(GPTConfig(*sizes))
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if ".ln_" in name:
                    parameter.add_(torch.randn_like(parameter), alpha=0.2)
        return model

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        part = (step - self.warm_up) / (self.steps - self.warm_up)
        return self.learning_rate * (0.05 + 0.95 * (1 + math.cos(math.pi * part)) / 2)


def trained(recipe: Recipe, ids: Tensor) -> GPT:
    """A model trained on these ids."""
    torch.manual_seed(recipe.seed)
    model = recipe.model()
    optimizer = model.configure_optimizers(recipe.weight_decay, recipe.learning_rate, (0.9, 0.99))
    batches = torch.Generator().manual_seed(recipe.seed)
    bar = tqdm(range(recipe.steps), unit=" steps", disable=None)
    for step in bar:
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate(step)
        xb, yb = bigram.get_batch(ids, recipe.block_size, recipe.batch_size, batches)
        _, loss = model(xb, yb)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        bar.set_postfix_str(f"loss {loss.item():.3f}", refresh=False)
    return model.eval()


@torch.no_grad()
def loss_of(model: GPT, ids: Tensor) -> float:
    """The mean loss over all of ids, in windows side by side; nats per token."""
    T = model.config.block_size
    count = (len(ids) - 1) // T
    x, y = ids[: count * T].view(count, T), ids[1 : count * T + 1].view(count, T)
    parts = zip(x.split(256), y.split(256), strict=True)
    return sum(model(a, b)[1].item() * len(a) for a, b in parts) / count


def write(model: GPT, tokenizer: tokenizers.RegexTokenizer, folder: Path) -> None:
    """The seven files, the checkpoint by TensorFlow's own saver."""
    tokenizers.write_openai(tokenizer, folder)
    write_weights(torch_layouts.from_nano(model.state_dict()), model.config.n_head, folder)


def write_weights(tree: weights.Tree, n_head: int, folder: Path) -> None:
    """hparams.json and the four files of TensorFlow's own saver, as OpenAI's: `model.ckpt`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # it says so where they are on
    import tensorflow.compat.v1 as tf

    tf.logging.set_verbosity(tf.logging.ERROR)
    sizes = weights.sizes(tree)
    told = {"n_vocab": sizes["vocab_size"], "n_ctx": sizes["block_size"],
            "n_embd": sizes["n_embd"], "n_head": n_head, "n_layer": sizes["n_layer"]}  # fmt: skip
    (folder / "hparams.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    with tf.Graph().as_default(), tf.Session() as session:
        for name, value in weights.to_openai(tree).items():
            # loaded, not as constants: those are in the meta file
            variable = tf.get_variable(name, value.shape, initializer=tf.zeros_initializer())
            variable.load(value, session)
        saver = tf.train.Saver(save_relative_paths=True)
        saver.save(session, str(folder / "model.ckpt"))


def main() -> None:
    """Train, write, and print what the card says."""
    parser = argparse.ArgumentParser(
        prog="python -m gptlab.tiny.make", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="where to write it")
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    recipe, corpus = Recipe(), data.tiny_shakespeare()
    text, held_back = bigram.split_data(corpus.text)
    tokenizer = tokenizers.GPT2LikeTokenizer(recipe.vocab_size)
    tokenizer.train(text)
    train, val = (torch.tensor(tokenizer.encode(part)) for part in (text, held_back))
    print(f"{len(text) / len(train):.3f} characters a token")
    model = trained(recipe, train)
    write(model, tokenizer, folder)
    for name, ids, part in (("training", train, text), ("validation", val, held_back)):
        loss = loss_of(model, ids)
        print(f"{name}: {loss:.4f} nats a token, {loss * len(ids) / len(part):.4f} a character")
    generator = torch.Generator().manual_seed(recipe.seed)
    start = torch.tensor([tokenizer.encode("\n")])
    ids = model.generate(start, 200, temperature=0.8, top_k=40, generator=generator)
    print(tokenizer.decode(ids[0].tolist()))
    for name in FILES:
        raw = (folder / name).read_bytes()
        print(f"| {name} | {len(raw):,} | {hashlib.sha256(raw).hexdigest()} |")


if __name__ == "__main__":
    main()
