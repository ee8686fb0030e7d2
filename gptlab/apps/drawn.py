"""The page's own pieces of HTML. Every text of a visitor, a model or a file is escaped."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np

from gptlab.apps.engine import Run, Step

__all__ = ["css", "heads", "likeliest", "output"]

ROWS = 24  # tokens in the picture of attention; all earlier ones are one row
INK = "60,115,220"


def css() -> str:
    """The page's looks, as an element."""
    text = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    return f"<style>{text}</style>"


def output(run: Run) -> str:
    """The prompt, and what was made of it, marked."""
    state = f'data-run="{run.number}" data-tokens="{len(run.steps)}"'
    return (
        f'<div class="lab-out" data-testid="lab-out" {state}>{escape(run.prompt)}'
        f'<span class="new">{escape(run.written())}</span></div>'
    )


def likeliest(run: Run, step: Step, before: str) -> str:
    """A bar for each of the likeliest tokens after `before`; the one that was taken stands out."""
    rows = []
    for token, share in step.best:
        kind = ' class="taken"' if token == step.token else ""
        name, width = escape(run.model.token(token)), 100 * min(max(share, 0), 1)
        rows.append(
            f'<tr{kind}><td class="token">{name}</td>'
            f'<td class="bar"><div><i style="width:{width:.2f}%"></i></div></td>'
            f'<td class="share">{share:.1%}</td></tr>'
        )
    return (
        f'<p class="lab-before">after “…{escape(before)}”. ␣ is a space, ↵ a line break</p>'
        f'<table class="lab-best" data-testid="lab-best">{"".join(rows)}</table>'
    )


def heads(run: Run, layer: int) -> str:
    """A row for each token that was read, a column for each head: more colour is more attention."""
    assert run.attention is not None
    shares = run.attention[layer]  # (n_head, T)
    read = run.steps[-1].read
    names = [run.model.token(run.ids[at]) for at in read]
    if (more := len(names) - ROWS) > 0:
        earlier = shares[:, :more].sum(axis=1, keepdims=True)
        shares = np.concatenate([earlier, shares[:, more:]], axis=1)
        names = [f"{more} earlier", *names[more:]]
    top = "".join(f'<th scope="col">{head + 1}</th>' for head in range(len(shares)))
    rows = [
        f'<tr><th scope="row" class="token">{escape(name)}</th>'
        + "".join(_cell(float(share)) for share in column)
        + "</tr>"
        for name, column in zip(names, shares.T, strict=True)
    ]
    return (
        '<div class="lab-heads" data-testid="lab-heads"><table>'
        f"<tr><th>head</th>{top}</tr>{''.join(rows)}</table></div>"
    )


def _cell(share: float) -> str:
    # the root, so that small shares can be told from none
    return (
        f'<td title="{share:.1%}" style="background:rgba({INK},{max(share, 0) ** 0.5:.3f})"></td>'
    )
