"""The checks of lab08 on what is written to a file: the picture of the losses, a checkpoint."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from gptlab.checks.core import call, equal, must_be_callable, passed
from gptlab.checks.lab07_parts import refuse
from gptlab.checks.lab08_stand_ins import Keeps

EPOCHS, TOKENS = [0.5, 1.0, 1.5, 2.0], [100, 200, 300, 400]
TRAIN, VAL = [5.0, 3.0, 2.0, 1.0], [6.0, 4.0, 4.5, 5.0]
PROGRESS = {"step": 47, "epoch": 2}
LOST = {"model": "pt_saved_keys", "optimizer": "pt_saved_no_optimizer",
        "random": "pt_saved_no_random", "progress": "pt_saved_progress"}  # fmt: skip


@contextmanager
def _elsewhere() -> Iterator[Path]:
    """A folder of its own to work in."""
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def plot(answer: Callable[..., None]) -> None:
    """Four looks: the lines, the names, the scale above, the file."""
    import matplotlib.pyplot as plt

    item, looked_at = "plot", "plot_losses of four looks, in a folder of its own"
    must_be_callable(item, answer)
    shown, before, new = plt.show, set(plt.get_fignums()), []

    def show(*args: Any, **kwargs: Any) -> None:
        """As a notebook does it: what was shown is closed."""
        for number in sorted(set(plt.get_fignums()) - before):
            new.append(plt.figure(number))
            plt.close(number)

    plt.show = show
    try:
        with _elsewhere() as folder:
            call(item, answer, EPOCHS, TOKENS, TRAIN, VAL, looked_at=looked_at)
            new += [plt.figure(n) for n in plt.get_fignums() if n not in before]
            if not new:
                refuse(item, looked_at, "a figure", "none")
            _axes(item, new[0].axes, looked_at)
            _saved(item, folder)
    finally:
        plt.show = shown
        for number in set(plt.get_fignums()) - before:
            plt.close(number)
    passed(item)


def _lines(axes: Any) -> list[tuple[list, list, Any]]:
    return [(list(line.get_xdata()), list(line.get_ydata()), line) for line in axes.lines]


def _axes(item: str, every: list, looked_at: str) -> None:
    """Below both losses over the epochs, above the tokens."""
    below = next((ax for ax in every if len(ax.lines) > 1), every[0])
    drawn = _lines(below)
    found = [y for _, y, _ in drawn]
    if any(x in (TRAIN, VAL) and y == EPOCHS for x, y, _ in drawn):
        refuse(item, f"the lines, {looked_at}", "losses over epochs", "epochs over losses",
               "pt_plot_turned")  # fmt: skip
    if len(every) < 2:
        refuse(item, f"axes, {looked_at}", "two, one above", "one", "pt_plot_no_tokens")
    if found.count(TRAIN) > 1 and VAL not in found:
        refuse(item, f"the lines, {looked_at}", "training and validation", "training, twice",
               "pt_plot_training_twice")  # fmt: skip
    if TRAIN not in found or VAL not in found:
        refuse(item, f"the lines, {looked_at}", "training and validation",
               f"{len(drawn)} with other numbers" if drawn else "no line at all",
               "pt_plot_no_validation" if drawn else "pt_plot_no_line")  # fmt: skip
    for x, y, _ in drawn:
        likely = {tuple(TOKENS): "pt_plot_over_tokens", (0, 1, 2, 3): "pt_plot_by_number"}
        if y in (TRAIN, VAL) and x != EPOCHS:
            refuse(item, f"where the losses stand, {looked_at}", f"{EPOCHS}",
                   f"{[float(part) for part in x]}", likely.get(tuple(x), ""))  # fmt: skip
    above = next(ax for ax in every if ax is not below)
    _above(item, below, above)
    _names(item, below, above)


def _above(item: str, below: Any, above: Any) -> None:
    """The scale above."""
    if above.get_shared_x_axes().joined(above, below):
        refuse(item, "the second axis", "above", "at the side", "pt_plot_twin_beside")
    drawn = _lines(above)
    if not drawn:
        refuse(item, "the scale above", f"{TOKENS}", "nothing drawn", "pt_plot_scale_above")
    x = drawn[0][0]
    if x != TOKENS:
        likely = "pt_plot_scale_above" if x == EPOCHS else ""
        refuse(item, "the scale above", f"{TOKENS}", f"{[float(part) for part in x]}", likely)
    if any(_can_be_seen(line) for _, _, line in drawn):
        refuse(item, "the line on the scale above", "not to be seen", "drawn",
               "pt_plot_seen_twice")  # fmt: skip


def _can_be_seen(line: Any) -> bool:
    """Whether a line leaves a trace in the picture."""
    from matplotlib.colors import to_rgba

    marked = str(line.get_marker()) not in ("None", "none", " ", "")
    drawn = line.get_linestyle() not in ("None", "none", " ", "") and line.get_linewidth() > 0
    color, alpha = line.get_color(), line.get_alpha()
    *rgb, solid = to_rgba(color)
    plain = solid > 0 and rgb != [1, 1, 1]
    faint = alpha is not None and alpha < 0.5
    return (marked or drawn) and plain and line.get_visible() and not faint


def _names(item: str, below: Any, above: Any) -> None:
    """What tells a reader what is what."""
    legends = [below.get_legend(), above.get_legend(), *below.figure.legends]
    shown = [text for legend in legends if legend for text in legend.get_texts()]
    if not any(legends) and not below.texts:
        refuse(item, "the legend", "which line is which", "none", "pt_plot_no_labels")
    for name, cause in (("train", 0), ("val", 1)):
        right = (TRAIN, VAL)[cause]
        label = next(line.get_label() for line in below.lines if list(line.get_ydata()) == right)
        if str(label).startswith("_") and not below.texts:
            refuse(item, "the labels of the lines", "a name each", "none", "pt_plot_no_labels")
        if ("val", "train")[cause] in str(label).lower() and name not in str(label).lower():
            refuse(item, f"the label of the {('training', 'validation')[cause]} losses",
                   f"{name}…", f"{label}", "pt_plot_labels_swapped")  # fmt: skip
    if len(shown) < 2 and not below.texts:
        refuse(item, "names in the legend", "2", f"{len(shown)}", "pt_plot_empty_legend")
    if "loss" in below.get_xlabel().lower() and "epoch" in below.get_ylabel().lower():
        refuse(item, "the names of the axes below", "epochs, and up the losses",
               "the other way round", "pt_plot_axes_swapped")  # fmt: skip
    for where, text, cause in (("below", below.get_xlabel(), "pt_plot_names"),
                               ("of the losses", below.get_ylabel(), "pt_plot_names"),
                               ("above", above.get_xlabel(), "pt_plot_names")):  # fmt: skip
        if not text.strip():
            refuse(item, f"the name of the axis {where}", "a name", "none", cause)


def _saved(item: str, folder: Path) -> None:
    """The file, which is no empty page."""
    names = sorted(path.name for path in folder.iterdir())
    if "loss-plot.pdf" not in names:
        refuse(item, "the file", "loss-plot.pdf", ", ".join(names) or "none", "pt_plot_file")
    raw = (folder / "loss-plot.pdf").read_bytes()
    if not raw.startswith(b"%PDF"):
        refuse(item, "loss-plot.pdf", "a PDF", "another kind of file", "pt_plot_file")
    if b"Tj" not in raw and len(raw) < 7000:
        refuse(item, "loss-plot.pdf", "the two curves", "an almost empty page",
               "pt_plot_saved_empty")  # fmt: skip


def checkpoint(save: Callable[..., None], load: Callable[..., dict]) -> None:
    """A weight of 3, a mean of 0.5, the random numbers, the progress: there and back.

    Then another progress, and a file of another model.
    """
    item = "checkpoint"
    for answer in (save, load):
        must_be_callable(item, answer)
    state = torch.get_rng_state()
    try:
        with _elsewhere() as folder:
            _save(item, save, folder / "a_name.pth")
            _load(item, load, folder / "given.pth", PROGRESS)
            _again(item, save, load, folder / "again.pth")
    finally:
        torch.set_rng_state(state)
    passed(item)


def _model(weight: float) -> nn.Linear:
    made = nn.Linear(1, 1, bias=False)
    nn.init.constant_(made.weight, weight)
    return made


def _save(item: str, save: Callable[..., None], path: Path) -> None:
    """What is in the file."""
    looked_at = "save_checkpoint(path, a model with the weight 3, an optimizer, progress)"
    torch.manual_seed(3)
    model, random = _model(3.0), torch.get_rng_state()
    wrong = {"'write'": "pt_saved_order", "Path": "pt_saved_order"}
    call(item, save, path, model, Keeps(0.5), dict(PROGRESS), looked_at=looked_at,
         likely=wrong)  # fmt: skip
    if not torch.get_rng_state().equal(random):
        refuse(item, "the random numbers after saving", "as before", "others",
               "pt_saved_new_seed")  # fmt: skip
    if not path.is_file():
        refuse(item, looked_at, f"a file {path.name}", "none", "pt_name_fixed")
    try:
        content = torch.load(path, weights_only=True)
    except Exception as error:  # whatever torch raises where the file holds more than numbers
        refuse(item, "the file, read with weights_only=True", "a dict",
               f"refused: {type(error).__name__}", "pt_saved_itself")  # fmt: skip
    names = {"model", "optimizer", "random", "progress"}
    found = set(content) if isinstance(content, dict) else set()
    if found != names:
        likely = "pt_saved_keys"
        if len(missing := names - found) == 1:
            likely = LOST[missing.pop()]
        elif "weight" in found or found == {"model"}:
            likely = "pt_saved_keys"
        refuse(item, "what is in the file", ", ".join(sorted(names)),
               ", ".join(sorted(map(str, found))), likely)  # fmt: skip
    where = "what the file has for"
    if not isinstance(content["model"], dict) or not isinstance(content["optimizer"], dict):
        refuse(item, f"{where} model and optimizer", "what state_dict() gives",
               f"{type(content['model']).__name__}, {type(content['optimizer']).__name__}",
               "pt_saved_parameters")  # fmt: skip
    equal(item, float(content["model"]["weight"]), 3.0, looked_at=f"{where} the weight")
    equal(item, content["optimizer"]["state"][0]["mean"].item(), 0.5, looked_at=f"{where} the mean")
    likely = "pt_saved_seed" if isinstance(content["random"], int) else ""
    equal(item, content["random"], random, looked_at=f"{where} random", likely=likely)
    equal(item, content["progress"], PROGRESS, looked_at=f"{where} progress",
          likely="pt_saved_progress")  # fmt: skip


def _again(item: str, save: Callable[..., None], load: Callable[..., dict], path: Path) -> None:
    """Another progress, and a model that has more weights than the file."""
    other = {"step": 5, "epoch": 0, "batch": 5}
    looked_at = f"save_checkpoint(…, {other})"
    call(item, save, path, _model(3.0), Keeps(0.5), dict(other), looked_at=looked_at)
    found = torch.load(path, weights_only=True)["progress"]
    equal(item, found, other, looked_at="what the file has for progress",
          likely="pt_saved_progress")  # fmt: skip
    _load(item, load, path, other)
    try:
        load(path, nn.Linear(1, 1), Keeps(0.0))
    except Exception:  # as it should be, whatever it is
        return
    refuse(item, "load_checkpoint into a model with a bias, of which the file knows nothing",
           "an error", "none", "pt_read_not_strict")  # fmt: skip


def _load(item: str, load: Callable[..., dict], path: Path, progress: dict) -> None:
    """A file that is right, put back into a model and an optimizer that are not."""
    looked_at = f"load_checkpoint of a file with the weight 3, the mean 0.5, {progress}"
    torch.manual_seed(3)
    torch.rand(2)
    state, kept_by_adam = torch.get_rng_state(), Keeps(0.5).state_dict()
    torch.save({"model": _model(3.0).state_dict(), "optimizer": kept_by_adam, "random": state,
                "progress": progress}, path)  # fmt: skip
    model, optimizer, asked = _model(0.0), Keeps(0.0), []
    torch.rand(5)
    kept = torch.load

    def watched(*args: Any, **kwargs: Any) -> Any:
        asked.append(kwargs.get("weights_only"))
        return kept(*args, **kwargs)

    torch.load = watched
    try:
        wrong = {"FileNotFoundError": "pt_name_fixed", "Missing key": "pt_read_swapped",
                 "Unexpected key": "pt_read_swapped"}  # fmt: skip
        found = call(item, load, path, model, optimizer, looked_at=looked_at, likely=wrong)
    finally:
        torch.load = kept
    if asked and asked[0] is not True:
        refuse(item, "how torch.load was called", "weights_only=True", f"weights_only={asked[0]}",
               "pt_read_trusting")  # fmt: skip
    weight = float(model.weight.detach())
    equal(item, weight, 3.0, looked_at=f"{looked_at}: the weight", likely="pt_read_no_model")
    mean = optimizer.mean
    equal(item, mean, 0.5, looked_at=f"{looked_at}: the mean", likely="pt_read_no_optimizer")
    if not torch.get_rng_state().equal(state):
        refuse(item, f"{looked_at}: the random numbers", "the same once more", "others",
               "pt_read_no_random")  # fmt: skip
    likely = "pt_read_no_progress" if found is None else ""
    if isinstance(found, dict) and "progress" in found:
        likely = "pt_read_returns_all"
    equal(item, found, progress, looked_at=f"{looked_at}: what is returned", likely=likely)
    if not model.training:
        refuse(item, f"{looked_at}: the model's mode", "as before, training", "evaluation",
               "pt_read_evaluates")  # fmt: skip
