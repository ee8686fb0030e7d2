"""The checks of lab08: one function an item. All numbers are those worked by hand in the lab.

lab08_data.py has ids and windows, lab08_split.py the split, lab08_losses.py what a model costs,
lab08_training.py the step and the loop, lab08_optimizer.py groups and schedule, lab08_files.py
picture and file.
Parts that an answer builds on are replaced by stand-ins, so that each answer is judged alone.
"""

from __future__ import annotations

from gptlab.checks import quiz
from gptlab.checks.lab08_data import dataloader, dataset, token_ids
from gptlab.checks.lab08_files import checkpoint, plot
from gptlab.checks.lab08_losses import evaluate, loss_batch, loss_loader, perplexity
from gptlab.checks.lab08_optimizer import groups, schedule
from gptlab.checks.lab08_split import loaders
from gptlab.checks.lab08_training import train, train_step

__all__ = [
    "checkpoint",
    "choice",
    "dataloader",
    "dataset",
    "evaluate",
    "groups",
    "loaders",
    "loss_batch",
    "loss_loader",
    "perplexity",
    "plot",
    "schedule",
    "token_ids",
    "train",
    "train_step",
]

choice = quiz.for_lab("lab08_pretraining")
