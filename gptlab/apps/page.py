"""The page on a GPT-2 in NumPy: a prompt, a button, a text that grows, and what lies under it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import streamlit as st

from gptlab import data
from gptlab import weights as stored
from gptlab.apps import drawn, engine, student

PROMPT = "Alan Turing theorized that computers would one day become"
LIBRARY = "the library's numpy_gpt"
TINY = "the tiny GPT-2 of gptlab"
MEND = (
    "Mend it in the notebook, run its cell, then the cell that writes the file. "
    "This page notices by itself."
)
WRITE = "Run the lab's cell that writes it. This page notices by itself."


def main(options: Namespace) -> None:
    """Draw the page once. options: code, weights, allow_pickle, n_head."""
    st.set_page_config(page_title="GPT-2 in NumPy", layout="centered")
    st.html(drawn.css())
    st.title("GPT-2 in NumPy", anchor=False)
    st.markdown(
        "Your prompt becomes a list of ids. Matrix products give a score to every token that may "
        "come next, the likeliest is put at the end, and all of it starts again."
    )
    code, which, count, gauge = sidebar(options)
    with st.container():  # one place, so that what follows keeps its own
        written = the_student(code)
        model = the_model(which, options)
    prompt = st.text_area("Prompt", PROMPT, height=100)
    ready = model is not None and not isinstance(written, student.CodeError)
    pressed = st.button("Generate", type="primary", disabled=not ready)
    if pressed and ready:
        number = st.session_state.get("number", 0) + 1
        st.session_state.number = number
        ids = model.encode(prompt)
        said = LIBRARY if written is None else f"yours ({code.name})"
        st.session_state.run = engine.Run(prompt, count, said, model, ids, number)
    with st.container():
        run = current()
    if run:
        show(run, written if pressed else None, pressed and ready, gauge)
    watch({path: student.stamp(path) for path in (Path(options.code), Path(which))})


def current() -> engine.Run | None:
    """The last run; none if it ended with an error in a file that was mended since."""
    run = st.session_state.get("run")
    if run and run.error and student.stamp(run.error.path) != run.error.state:
        del st.session_state["run"]
        st.info(f"{run.error.path.name} has changed. Press Generate again.")
        return None
    return run


def sidebar(options: Namespace) -> tuple[Path | None, str, int, object]:
    """The settings: the student's file or None, the weights, how many tokens; where speed goes."""
    with st.sidebar:
        count = st.slider("Tokens to generate", 1, 50, 20)
        gauge = st.empty()
        speed(gauge, st.session_state.get("run"))
        code = Path(options.code)
        there = student.stamp(code) is not None
        choices = [f"yours ({code.name})", LIBRARY] if there or options.named else [LIBRARY]
        chosen = st.radio("Code", choices, key="code")
        if len(choices) == 1:
            st.caption(f"There is no {code.name} in this folder: the lab's cell writes it.")
        which = weights_of(options)
        st.divider()
        st.caption(
            "No PyTorch runs in the forward pass: all of it is NumPy on the processor. Code that "
            "reads the whole text again for each token is slow with large weights. That is no "
            "fault of yours, and a GPU would not change it."
        )
    return (None if chosen == LIBRARY else code), which, count, gauge


def weights_of(options: Namespace) -> str:
    """Which weights: a file, or the tiny ones."""
    given = options.weights or engine.WEIGHTS
    if given == engine.TINY:
        st.radio("Weights", [TINY], key="weights")
        return engine.TINY
    chosen = st.radio("Weights", [Path(given).name, TINY], key="weights")
    return engine.TINY if chosen == TINY else given


def speed(gauge, run: engine.Run | None) -> None:
    """The measured tokens a second."""
    now = run.speed() if run else None
    label = "Tokens a second" + (", measured" if now else "")
    gauge.metric(label, "–" if now is None else f"{now:,.0f}" if now >= 10 else f"{now:.2f}")


def the_student(code: Path | None) -> student.Student | student.CodeError | None:
    """The student's functions; None for the library's; the error, shown, where they do not run."""
    if code is None:
        return None
    try:
        return kept_code(str(code), student.stamp(code))
    except FileNotFoundError:
        error = student.CodeError(
            "It is not there", code, f"Looked for in {code.absolute().parent}"
        )
    except student.CodeError as found:
        error = found
    slip(error)
    return error


@st.cache_resource(max_entries=4, show_spinner=False)
def kept_code(path: str, state: tuple[int, int] | None) -> student.Student:
    return student.load(Path(path))


def slip(error: student.CodeError) -> None:
    """What is wrong in the student's file, and what to do."""
    st.error(f"**{error.path.name}** — {error.what}.")
    st.code(error.located(), language=None, wrap_lines=True)
    st.markdown(MEND if student.stamp(error.path) else WRITE)
    st.button("Use the library's code for now", on_click=choose, args=("code", LIBRARY))


def choose(key: str, value: str) -> None:
    """Set a choice of the sidebar; an error of before is no longer of interest."""
    st.session_state[key] = value
    if (run := st.session_state.get("run")) and run.error:
        del st.session_state["run"]


def the_model(which: str, options: Namespace) -> engine.Model | None:
    """Weights and tokenizer; None, and a message, where they cannot be had."""
    pickled, heads = options.allow_pickle, options.n_head
    if st.session_state.get("trusted") == which:
        pickled, heads = True, st.session_state.trusted_heads
    if which != engine.TINY and not Path(which).exists():
        return missing(Path(which))
    try:
        model = kept_model(which, student.stamp(Path(which)), pickled, heads)
    except stored.PickledError:
        return asked(which)
    except data.DataError as error:
        return refused("GPT-2's tokenizer cannot be had.", str(error))
    except (stored.WeightsError, OSError) as error:
        if st.session_state.get("trusted") == which:
            return asked(which, str(error))
        return refused("These weights cannot be used.", str(error))
    for note in model.notes:
        st.warning(note)
    return model


@st.cache_resource(max_entries=2, show_spinner="Loading the weights and the tokenizer …")
def kept_model(which: str, state: tuple | None, pickled: bool, heads: int | None) -> engine.Model:
    return engine.load(which, allow_pickle=pickled, n_head=heads)


def missing(path: Path) -> None:
    """No weights: which file, where, how to get it."""
    st.error("**There are no weights yet.**")
    st.code(f"Looked for: {path.name}\nin:         {path.absolute().parent}", language=None)
    st.markdown(
        "- Run the lab's cell that writes this file, with `gptlab.weights.save`. "
        "This page notices by itself.\n"
        '- If it lies elsewhere: `launch.streamlit(weights="its path")` in the notebook, or '
        "`--weights` on the command line.\n"
        "- Or go on with the tiny GPT-2: the same layout, trained on Shakespeare's plays."
    )
    st.button("Use the tiny GPT-2", on_click=choose, args=("weights", TINY))


def refused(what: str, said: str) -> None:
    st.error(f"**{what}**")
    st.code(said, language=None, wrap_lines=True)
    st.button("Use the tiny GPT-2", on_click=choose, args=("weights", TINY))


def asked(which: str, failed: str = "") -> None:
    """A pickled file is read only if its owner says so. failed: why it could not be, before."""
    name = Path(which).name
    if failed:
        st.error("**These weights cannot be used.**")
        st.code(failed, language=None, wrap_lines=True)
    st.warning(f"**{name} is a pickled file.** Reading one runs whatever code was put into it.")
    st.markdown(
        "Better: write it anew with `gptlab.weights.save(path, params, n_head)`, which needs no "
        "pickle. If you have made this file yourself, it can be read as it is."
    )
    heads = st.number_input("Its number of heads", 1, 64, 12)
    st.button("I made this file: read it", on_click=trust, args=(which, int(heads)))
    st.button("Use the tiny GPT-2", on_click=choose, args=("weights", TINY))


def trust(which: str, heads: int) -> None:
    st.session_state.trusted, st.session_state.trusted_heads = which, heads


def show(run: engine.Run, written: student.Student | None, live: bool, gauge) -> None:
    """A run: as it is made, if `live`, or as it was."""
    place, bar, hood = st.empty(), st.empty(), st.container()
    place.html(drawn.output(run))
    if live:
        bar.progress(0.0, "Reading the prompt")
        for done, _ in enumerate(engine.generate(run, written), start=1):
            place.html(drawn.output(run))
            bar.progress(done / run.asked, f"{done} of {run.asked} tokens")
            speed(gauge, run)
        place.html(drawn.output(run))
    with bar.container():
        ended(run)
    if run.steps:
        with hood:
            under_the_hood(run)


def ended(run: engine.Run) -> None:
    """How it ended: done, stopped by a click, or by an error."""
    made = f"{len(run.steps)} token{'s' * (len(run.steps) != 1)}"
    by = f"Code: {run.code}. Weights: {run.model.name}."
    if run.error:
        slip(run.error)
    elif run.done:
        st.success(f"Done: {made} in {run.seconds:.2f} s. {by}")
    else:
        st.info(f"Stopped after {made} of {run.asked}. {by}")
    if run.steps and run.steps[-1].read.start > 0:
        st.caption(f"The model reads {run.model.context} tokens at most: what is earlier was cut.")


def under_the_hood(run: engine.Run) -> None:
    """The likeliest tokens at each step, and where the last step looked."""
    with st.expander("Under the hood"):
        total = len(run.steps)
        at = total
        if total > 1:
            at = st.slider("Step", 1, total, total, key=f"step{run.number}")
        step = run.steps[at - 1]
        before = run.model.text([run.ids[i] for i in step.read], final=False)
        st.markdown(f"**Step {at} of {total}: the five likeliest next tokens**")
        st.html(drawn.likeliest(run, step, before[-40:].replace("\n", "↵")))
        if run.attention is None:
            ids = [run.ids[i] for i in run.steps[-1].read]
            run.attention = engine.attention_of_last(run.model.params, run.model.n_head, ids)
        st.markdown("**Where the last step looked**")
        layers = len(run.attention)
        layer = st.slider("Layer", 1, layers, layers, key=f"layer{run.number}") if layers > 1 else 1
        st.html(drawn.heads(run, layer - 1))
        st.caption(
            "A column adds up to 1: how much of its attention each head gave to each token, when "
            "the last token was read. More colour is more. Computed by the parts of "
            "gptlab.numpy_gpt on the same weights, whichever code wrote the text."
        )


@st.fragment(run_every=1.0)
def watch(seen: dict[Path, tuple[int, int] | None]) -> None:
    """Draw the page anew when a file that it uses is written."""
    if any(student.stamp(path) != old for path, old in seen.items()):
        st.rerun()
