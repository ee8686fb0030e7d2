"""Conversations as data: a template with roles and an end, a loss mask, made dialogues, a score.

What lab12 arrives at. The roles and their tokens follow what chat models are trained on since
Ouyang et al. 2022 (InstructGPT); the mask on the answers is that of Zhou et al. 2023 (LIMA) and of
A. Karpathy's nanochat.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from gptlab.conversations.roles import ASSISTANT, END, SPECIAL, USER, Message

__all__ = [
    "ASSISTANT",
    "END",
    "SPECIAL",
    "USER",
    "Message",
    "collate",
    "encode",
    "encode_with_mask",
    "fit",
    "inputs_and_targets",
    "made",
    "prompt",
    "room",
    "score",
    "tokenizer_for",
]

# Loaded when asked for: while lab12 is graded these modules, its answers, are covered up.
_LATER = dict.fromkeys(
    ("collate", "encode", "encode_with_mask", "fit", "inputs_and_targets", "prompt", "room"),
    "template",
) | {"made": "making", "score": "scoring", "tokenizer_for": "words"}


def __getattr__(name: str) -> Any:
    """One of the template's functions, or the score."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
