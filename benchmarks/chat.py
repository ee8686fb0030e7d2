"""Tokens a second at the chat model's size: naive, ours, ours in int8, transformers; its training.

Random weights, the same in all. Writing is greedy, on one thread, in CPU-seconds of that core, the
ways in turn; the naive loop reads the whole context for each token, as pico-gpt does, the others
keep keys and values. The three in float32 must write the same tokens. Then the chat model against
the large one, writing and training, on the processor and, where there is one, on a GPU (CUDA).
What pico-gpt's README states stands beside: 18.3 tokens a second on a processor and 116.1 on a GPU,
and, further down, 143 on a processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
import transformers
from torch import Tensor, nn

from autograder import machine
from benchmarks.timing import in_turn
from gptlab import decoder, gpt, int8, nano, sample, torch_layouts

SEED = 1337
SHAPES = {
    "chat": nano.GPTConfig(block_size=1024, vocab_size=896, n_layer=8, n_head=8, n_embd=512),
    "large": nano.GPTConfig(block_size=1024, vocab_size=896, n_layer=12, n_head=12, n_embd=768),
}
NEW, ROUNDS = 50, 5  # tokens, as many as pico-gpt's 2739.40 ms at 18.3 a second; turns of each way
PROMPTS = {10: NEW, 900: 10}  # tokens of a prompt: new ones after it
BATCH, STEPS = (2, 256), 5  # windows and their tokens; steps that are measured, after a first
# pico-gpt, README: "Performance Benchmarking" (an RTX 3080 Ti) and "Performance Characteristics".
STATED = {"CPU": 18.3, "GPU": 116.1, "CPU, further down": 143.0, "name": "Large",
          "ms CPU": 2739.40, "ms GPU": 430.50, "MB GPU": 981.1,
          "without positions": 25.7e6, "layers": 8, "heads": 8, "wide": 512}  # fmt: skip
WAYS = ("the naive loop", "gptlab, with the cache", "gptlab, int8", "transformers, with its cache")
SAME = (WAYS[0], WAYS[1], WAYS[3])  # in float32: the same tokens


def of_nano(config: nano.GPTConfig) -> nano.GPT:
    """A model of this size with random weights, in nanoGPT's form."""
    torch.manual_seed(SEED)
    return nano.GPT(config).eval()


def theirs(model: nano.GPT) -> transformers.GPT2LMHeadModel:
    """The same weights in transformers."""
    c = model.config
    made = transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=c.vocab_size, n_positions=c.block_size, n_embd=c.n_embd, n_layer=c.n_layer,
        n_head=c.n_head, bos_token_id=0, eos_token_id=None, pad_token_id=0,
    ))  # fmt: skip
    tree = torch_layouts.from_nano(model.state_dict())
    state = {name: torch.as_tensor(value)
             for name, value in torch_layouts.to_huggingface(tree, head=True).items()}  # fmt: skip
    made.load_state_dict(state)
    return made.eval()


@torch.no_grad()
def naive(model: nano.GPT, idx: Tensor, count: int) -> Tensor:
    """The whole context again for each token; block_size of it at most."""
    for _ in range(count):
        logits, _ = model(idx[:, -model.config.block_size :])
        idx = torch.cat((idx, logits[:, -1].argmax(dim=-1, keepdim=True)), dim=1)
    return idx


def prompt_of(length: int, vocab_size: int) -> Tensor:
    """(1, length), drawn."""
    chance = torch.Generator().manual_seed(SEED)
    return torch.randint(vocab_size, (1, length), generator=chance)


def decoding(config: nano.GPTConfig, prompts: dict[int, int], rounds: int) -> dict[str, Any]:
    """For each prompt: CPU-seconds of a new token, way by way, and where int8 agrees.

    Errors: AssertionError where the ways in float32 write different tokens.
    """
    model = of_nano(config)
    ours, hf = decoder.from_nano(model).for_decoding(), theirs(model)
    whole = int8.quantized(model)
    found = {}
    for length, new in prompts.items():
        idx = prompt_of(length, config.vocab_size)
        ways: dict[str, Callable[[], Tensor]] = dict(zip(WAYS, (
            lambda: naive(model, idx, new),  # noqa: B023
            lambda: sample.generate(ours, idx, new, config.block_size),  # noqa: B023
            lambda: sample.generate(whole, idx, new, config.block_size),  # noqa: B023
            lambda: hf.generate(idx, attention_mask=torch.ones_like(idx), do_sample=False,  # noqa: B023
                                max_new_tokens=new),  # noqa: B023
        ), strict=True))  # fmt: skip
        wrote = {name: way()[0, length:] for name, way in ways.items()}
        if not all(torch.equal(wrote[name], wrote[WAYS[0]]) for name in SAME):
            raise AssertionError("in float32 the tokens differ")
        seconds = in_turn(ways, rounds)
        text = torch.cat((idx, wrote[WAYS[0]][None]), dim=1)
        found[str(length)] = {
            "new": new,
            "seconds a token": {name: spent / new for name, spent in seconds.items()},
            "int8 agrees": agreeing(whole, text, new),
        }
    return found


@torch.no_grad()
def agreeing(model: gpt.GPTModel, text: Tensor, new: int) -> int:
    """For how many of the last tokens of a text, (1, T), it would have written the same one."""
    likeliest = model(text[:, :-1]).argmax(dim=-1)
    return int((likeliest == text[:, 1:])[:, -new:].sum())


def timed(work: Callable[[], object], device: str, rounds: int) -> tuple[float, float | None]:
    """Median seconds of a call, and on a GPU the most bytes that it held; one call goes before.

    On a processor CPU-seconds, which are the clock's on one thread that has its core to itself.
    """
    on_gpu = device == "cuda"
    clock = time.perf_counter if on_gpu else time.process_time
    work()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
    spent = []
    for _ in range(rounds):
        started = clock()
        work()
        if on_gpu:
            torch.cuda.synchronize()
        spent.append(clock() - started)
    return median(spent), torch.cuda.max_memory_allocated() / 1e6 if on_gpu else None


def writing(config: nano.GPTConfig, device: str, new: int, rounds: int) -> dict[str, Any]:
    """New tokens after a short prompt, with the cache."""
    model = decoder.from_nano(of_nano(config)).for_decoding().to(device)
    idx = prompt_of(10, config.vocab_size).to(device)
    work = lambda: sample.generate(model, idx, new, config.block_size)  # noqa: E731
    return as_kept(*timed(work, device, rounds), new)


def training(
    config: nano.GPTConfig, device: str, batch: tuple[int, int], steps: int
) -> dict[str, Any]:
    """A step: forward, backward, clipping, AdamW; float32."""
    model = of_nano(config).to(device).train()
    optimizer = model.configure_optimizers(0.1, 3e-4, (0.9, 0.95), device)
    ids = prompt_of(batch[0] * (batch[1] + 1), config.vocab_size).view(batch[0], -1).to(device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        model(ids[:, :-1], ids[:, 1:])[1].backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return as_kept(*timed(step, device, steps), batch[0] * batch[1])


def as_kept(seconds: float, held: float | None, tokens: int) -> dict[str, Any]:
    """Milliseconds, tokens a second, megabytes."""
    return {"ms": 1000 * seconds, "tokens a second": tokens / seconds, "MB": held}


def sizes(config: nano.GPTConfig) -> dict[str, Any]:
    """What a shape is, counted."""
    model = of_nano(config)
    return {
        "layers": config.n_layer, "heads": config.n_head, "wide": config.n_embd,
        "vocabulary": config.vocab_size, "context": config.block_size,
        "parameters": model.get_num_params(False), "without positions": model.get_num_params(),
        "MB": int8.bytes_of(model) / 1e6,
        "MB int8": int8.bytes_of(int8.quantized(model)) / 1e6,
    }  # fmt: skip


def measured(
    shapes: dict[str, nano.GPTConfig] = SHAPES, prompts: dict[int, int] = PROMPTS,
    rounds: int = ROUNDS, new: int = NEW, batch: tuple[int, int] = BATCH, steps: int = STEPS,
) -> dict[str, Any]:
    """Everything, as it is kept. The first shape is the chat model's, which is decoded in all ways.

    What needs a GPU is None where there is none.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    devices = {"cpu": True, "cuda": gpu is not None}
    try:
        return {
            "machine": machine.describe(), "gpu": gpu, "threads": 1, "seed": SEED,
            "rounds": rounds, "batch": list(batch), "new": new, "stated": STATED,
            "shapes": {name: sizes(config) for name, config in shapes.items()},
            "decoding": decoding(next(iter(shapes.values())), prompts, rounds),
            "writing": {name: {
                device: writing(config, device, new, rounds) if here else None
                for device, here in devices.items()
            } for name, config in shapes.items()},
            "training": {name: {
                device: training(config, device, batch, steps) if here else None
                for device, here in devices.items()
            } for name, config in shapes.items()},
        }  # fmt: skip
    finally:
        torch.set_num_threads(before)


def main() -> None:
    """Measure and print."""
    from benchmarks import chat_printed

    print(chat_printed.whole(measured()))
