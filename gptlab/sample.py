"""Write text after a prompt, with GPT-2 or a run of one's own: greedy, temperature, top-k.

    python -m gptlab.sample --start="Hello, my name is"

The functions here are what lab09 arrives at; they have top-p, a penalty and an end as well, which
the command has not. Each knob changes the scores (B, V) of the next token, in this order: penalty,
temperature, top-k, top-p; what is left is drawn from. Temperature: Ackley, Hinton and Sejnowski
1985; top-k: Fan, Lewis and Dauphin 2018; top-p: Holtzman et al. 2020; penalty: Keskar et al. 2019.
Signatures after S. Raschka's Build a Large Language Model, chapter 5.
"""

from __future__ import annotations

if __name__ == "__main__":  # the command line, before torch is loaded: --help is quick
    import sys

    from gptlab.sampling.command import main

    sys.exit(main())

from collections.abc import Iterator

import torch
from torch import Tensor, nn

__all__ = ["choose", "generate", "repetition_penalty", "stream", "top_k_only", "top_p_only"]


def top_k_only(scores: Tensor, k: int) -> Tensor:
    """The scores with all but the k largest of each row at -inf; with equals at the edge, more.

    scores: (B, V). k: from 1; more than V keeps all.
    """
    if k < 1:
        raise ValueError(f"top_k={k}: expected at least 1, or None for all tokens")
    least = scores.topk(min(k, scores.shape[-1])).values[:, -1:]  # (B, 1): each row's own edge
    return scores.masked_fill(scores < least, -torch.inf)


def top_p_only(scores: Tensor, p: float) -> Tensor:
    """The scores with only the likeliest tokens that together reach p, the others at -inf.

    scores: (B, V). p: above 0, up to 1. The token that crosses p is kept, so one always is.
    """
    if not 0 < p <= 1:
        raise ValueError(f"top_p={p}: expected more than 0, and at most 1")
    ordered, place = scores.sort(dim=-1, descending=True)
    probs = ordered.softmax(dim=-1)
    before = probs.cumsum(dim=-1) - probs  # (B, V): the share of the tokens that come first
    dropped = torch.zeros_like(scores, dtype=torch.bool).scatter(-1, place, before >= p)
    return scores.masked_fill(dropped, -torch.inf)


def repetition_penalty(scores: Tensor, idx: Tensor, penalty: float) -> Tensor:
    """The scores with those of the tokens in each row of idx made smaller: (B, V), idx (B, T).

    Once for each token, however often it stands there. Keskar et al. 2019, section 4.1, divide by
    the penalty (theirs is 1.2); a score below 0 would grow by that, so it is multiplied instead.
    penalty: above 0; 1 changes nothing, below 1 the text repeats itself more
    """
    if not penalty > 0:
        raise ValueError(f"penalty={penalty}: expected more than 0; 1 changes nothing")
    found = scores.gather(-1, idx)  # (B, T)
    found = torch.where(found > 0, found / penalty, found * penalty)
    return scores.scatter(-1, idx, found)


def choose(
    scores: Tensor, temperature: float = 0.0, top_k: int | None = None, top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:  # fmt: skip
    """A token for each row of scores: (B, V) -> (B, 1). The scores stay as they are.

    temperature: 0 takes the likeliest; below 1 is tamer, above 1 bolder.
    Errors: ValueError for a knob outside its range.
    """
    if not temperature >= 0:
        raise ValueError(f"temperature={temperature}: expected 0 (the likeliest token) or more")
    if top_k is not None:
        scores = top_k_only(scores, top_k)  # before or after the temperature: the order stays
    if temperature == 0:
        if top_p is not None:
            top_p_only(scores[:1], top_p)  # an impossible one is an error here too
        return scores.argmax(dim=-1, keepdim=True)
    scores = scores / temperature
    if top_p is not None:
        scores = top_p_only(scores, top_p)
    return torch.multinomial(scores.softmax(dim=-1), num_samples=1, generator=generator)


@torch.no_grad()
def stream(
    model: nn.Module, idx: Tensor, max_new_tokens: int, context_size: int,
    temperature: float = 0.0, top_k: int | None = None, eos_id: int | None = None,
    top_p: float | None = None, generator: torch.Generator | None = None, penalty: float = 1.0,
) -> Iterator[Tensor]:  # fmt: skip
    """The next tokens, (B, 1) each, until all rows have met `eos_id` or max_new_tokens are out.

    A row that has met it goes on with it; it does not come out for the last row that meets it.
    model: gives scores (B, T, V), or a pair that begins with them. One that has `new_cache` reads
    each token once, as long as all of them fit into context_size.
    """
    cache = model.new_cache() if hasattr(model, "new_cache") else None
    new = idx[:, -context_size:]
    ended = torch.zeros(len(idx), 1, dtype=torch.bool, device=idx.device)
    for _ in range(max_new_tokens):
        if cache is not None and cache.length + new.shape[1] > context_size:
            cache = None  # the window moves: every token in it changes its place
        if cache is None:
            new = idx[:, -context_size:]
        found = model(new) if cache is None else model(new, cache, last_only=True)
        scores = (found[0] if isinstance(found, tuple) else found)[:, -1]  # (B, V)
        if penalty != 1:
            scores = repetition_penalty(scores, idx, penalty)  # of all the text, not of the window
        new = choose(scores, temperature, top_k, top_p, generator)
        if eos_id is not None:
            ended |= new == eos_id
            if ended.all():
                return
            new = new.masked_fill(ended, eos_id)
        idx = torch.cat((idx, new), dim=1)
        yield new


def generate(
    model: nn.Module, idx: Tensor, max_new_tokens: int, context_size: int,
    temperature: float = 0.0, top_k: int | None = None, eos_id: int | None = None,
    top_p: float | None = None, generator: torch.Generator | None = None, penalty: float = 1.0,
) -> Tensor:  # fmt: skip
    """``idx``, (B, T), with what `stream` gives behind it: (B, T + up to max_new_tokens)."""
    knobs = (temperature, top_k, eos_id, top_p, generator, penalty)
    return torch.cat((idx, *stream(model, idx, max_new_tokens, context_size, *knobs)), dim=1)
