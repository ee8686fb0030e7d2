"""Numbers from the last `make figures`, offered to the pages of the book.

`solutions/figures/<lab>/numbers.json` is what one run of a lab left behind. A page writes
`{{ lab01_bigram.val_loss }}` and gets that number with three decimals; `.places(1)`, `.perplexity`
and `.bits` give other forms. A name that was not recorded is a warning, so the build fails: no page
can quote a number that no run gave. `{{ mistakes.lab01_bigram }}` counts the catalogue, and
`{{ mistakes.by_lab }}` says it of all labs.
`{{ ladder["one head"] }}` is a rung of the loss ladder, from `benchmarks/ladder.json`;
`{{ vocabulary.gpt2.size }}`, `{{ speed.reading }}` and `{{ parity.tiny.std }}` are from the records
beside this file, which tokens_record.py, speed_record.py and parity_record.py write, and so are
`{{ training.end.val }}`, `{{ decoding.greedy }}`, `{{ weights.times }}` and `{{ sampling.ways }}`.
`{{ bench.rate["10"].int8 }}` is text from the record of benchmarks/chat_record.py, and
`{{ sizes }}` are those of the four GPT-2s, by arithmetic, and `{{ decayed }}` those of its numbers
that decay.

It also gives the pages the directives `recorded-text` (a text that a run printed), `seconds-table`,
`ladder-table` and `drawing`, and the role `repo`, a link into the repository whose address is in
`_config.yml`.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
import zlib
from pathlib import Path
from typing import Any

import bench_shown
import chat_shown
import drawings
import features
import gpt_parts
import knobs
import ladder
import numpy_speed
import optimizing
import sampling_shown
import tokens_record
import training_runs
import weights_shown
import written
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective, SphinxRole

FIGURES = Path("solutions", "figures")


class Shown(float):
    """A number that a page shows with three decimals unless it asks for another form."""

    def __str__(self) -> str:
        return f"{float(self):.3f}"

    def places(self, n: int) -> str:
        """With `n` decimals."""
        return f"{float(self):.{n}f}"

    @property
    def perplexity(self) -> str:
        """For a loss in nats: among how many equally likely characters it is a choice."""
        return f"{math.exp(self):.1f}"

    @property
    def bits(self) -> str:
        """A loss in nats as bits."""
        return f"{self / math.log(2):.2f}"


def shown(value: Any) -> Any:
    """The same value with every float made a `Shown`; other kinds are left as they are."""
    if isinstance(value, float):
        return Shown(value)
    if isinstance(value, dict):
        return {key: shown(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shown(inner) for inner in value]
    return value


def read_records(root: Path) -> dict[str, dict[str, Any]]:
    """Every lab's numbers.json under `root`, by lab name, in the labs' order.

    Raises ValueError, naming the file, when one is not JSON or lacks one of the keys.
    """
    records = {}
    for path in sorted((root / FIGURES).glob("*/numbers.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}: not JSON ({error}); run `make figures` again") from error
        missing = {"lab", "machine", "text", "seed", "seconds", "numbers"} - set(record)
        if missing:
            raise ValueError(f"{path}: lacks {sorted(missing)}; run `make figures` again")
        records[path.parent.name] = record
    return records


def count_mistakes(root: Path) -> dict[str, int]:
    """How many named mistakes the catalogue of the checkout at `root` has, by lab."""
    if str(root) not in sys.path:  # autograder runs from the checkout: it is not installed
        sys.path.append(str(root))
    labs = [path.stem for path in (root / "solutions").glob("lab*.py")]
    modules = {lab: importlib.import_module(f"autograder.mistakes.{lab}") for lab in sorted(labs)}
    return {lab: len(module.MISTAKES) for lab, module in modules.items()}


def in_words(mistakes: dict[str, int]) -> str:
    """The counts in a sentence: "196 named mistakes for lab 0, 137 for lab 1 and 116 for lab 2"."""
    found = [f"{count} for lab {int(lab[3:5])}" for lab, count in sorted(mistakes.items())]
    first, *others = found
    *middle, last = [first.replace(" for", " named mistakes for", 1), *others]
    return f"{', '.join(middle)} and {last}" if middle else last


def substitutions(records: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a page can name: `<lab>.<number>`, and `<lab>.seconds`, `.machine`, `.text`, `.seed`."""
    return {
        lab: shown(
            {
                **{key: record[key] for key in ("seconds", "machine", "text", "seed")},
                **record["numbers"],
            }
        )
        for lab, record in records.items()
    }


class SecondsTable(SphinxDirective):
    """One row a lab: what its cells took, what they take when graded, and on which machine."""

    def run(self) -> list[nodes.Node]:
        records = read_records(Path(self.env.srcdir))
        if not records:
            return [nodes.paragraph(text="No lab has been run yet: `make figures` runs them.")]
        lines = ["| lab | seconds | when graded | text |", "| :-- | --: | --: | :-- |"]
        for lab, record in records.items():
            seconds = record["seconds"]
            page = f"labs/{lab}/{lab}"
            name = f"{{doc}}`{lab} </{page}>`" if page in self.env.found_docs else lab
            graded = seconds.get("graded_cpu")
            lines.append(
                f"| {name} | {seconds['all']:.1f} "
                f"| {'not measured' if graded is None else f'{graded:.1f}'} "
                f"| {record['text'] or 'none'} |"
            )
        lines.append("")
        for lab, record in records.items():
            machine = record["machine"]
            lines.append(
                f"{lab} ran on: {machine['processor']}, {machine['cores']} cores, "
                f"Python {machine['python']}, torch {machine['torch']}, seed {record['seed']}.\n"
            )
            self.env.note_dependency(str(FIGURES / lab / "numbers.json"))
        return self.parse_text_to_nodes("\n".join(lines))


class LadderTable(SphinxDirective):
    """Every rung of the loss ladder with what it took."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ladder.RECORD))
        return self.parse_text_to_nodes(ladder.table(ladder.read(Path(self.env.srcdir))))


class RecordedText(SphinxDirective):
    """A text that a run printed: `{recorded-text} lab01_bigram.sample`, or decoding.greedy.

    `{recorded-text} sampling.first` is a command of chapter 11 with what it printed, and
    `{recorded-text} bench.writing` what the chat benchmark printed.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        lab, _, name = self.arguments[0].partition(".")
        try:
            if lab == "decoding":
                text = written.record()[name]["text"]
            elif lab == "sampling":
                text = sampling_shown.terminal(name)
            elif lab == "bench":
                text = bench_shown.record()["printed"][name]
            else:
                text = read_records(Path(self.env.srcdir))[lab]["numbers"][name]
        except KeyError as missing:
            raise self.error(f"{self.arguments[0]}: no run recorded {missing}") from missing
        kept = {"decoding": written.RECORD, "sampling": sampling_shown.RECORD,
                "bench": bench_shown.RECORD}  # fmt: skip
        self.env.note_dependency(str(kept.get(lab, FIGURES / lab / "numbers.json")))
        return [nodes.literal_block(text, text, language="text")]


class Drawing(SphinxDirective):
    """A drawing set into the page itself, so that it takes the page's colours, light or dark.

    Both the wide form and the tall one are set; the style sheet shows the one that fits.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in drawings.DRAWINGS:
            raise self.error(f"drawing {name!r}: expected one of {sorted(drawings.DRAWINGS)}")
        for module in Path(drawings.__file__).parent.glob("*.*"):  # a drawing is made by several
            self.env.note_dependency(str(module))
        draw = drawings.DRAWINGS[name]
        root = Path(self.env.srcdir)
        records = read_records(root)
        for lab in records:
            self.env.note_dependency(str(FIGURES / lab / "numbers.json"))
        self.env.note_dependency(str(ladder.RECORD))
        self.env.note_dependency(str(bench_shown.RECORD))
        records["ladder"] = ladder.read(root)
        try:
            forms = [
                f'<div class="drawing-{form}">{draw(records, tall=form == "tall")}</div>'
                for form in ("wide", "tall")
            ]
        except ValueError as problem:
            raise self.error(str(problem)) from problem
        html = f'<div class="drawing">{"".join(forms)}</div>'
        return [nodes.raw("", html, format="html")]


class Repo(SphinxRole):
    """`{repo}`CONTRIBUTING.md`` links to that file, or to the repository itself when it is "."."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        options = self.config.html_theme_options
        address = options["repository_url"]
        target = self.text.strip()
        if target == ".":
            return [nodes.reference("", address, refuri=address)], []
        if not (Path(self.env.srcdir) / target).exists():
            message = self.inliner.reporter.warning(f"repo: there is no {target}", line=self.lineno)
            return [nodes.literal(text=target)], [message]
        uri = f"{address}/blob/{options['repository_branch']}/{target}"
        return [nodes.reference("", "", nodes.literal(text=target), refuri=uri)], []


def add_numbers(app: Sphinx, config: Config) -> None:
    """Hand the recorded numbers to MyST before it reads the first page."""
    records = read_records(Path(app.srcdir))
    rungs = ladder.read(Path(app.srcdir))["rungs"]
    mistakes = count_mistakes(Path(app.srcdir))
    config.myst_substitutions = {
        **config.myst_substitutions,
        **substitutions(records),
        "mistakes": {**mistakes, "by_lab": in_words(mistakes)},
        "vocabulary": tokens_record.read(),
        "speed": shown(numpy_speed.speeds()),
        "parity": shown(gpt_parts.parity()),
        "sizes": gpt_parts.sizes(),
        "training": shown(training_runs.numbers()),
        "decayed": optimizing.groups(),
        "weights": shown(weights_shown.numbers()),
        "sampling": shown(sampling_shown.numbers()),
        "bench": bench_shown.numbers(),
        "chat": shown(chat_shown.numbers()),
        "decoding": shown({**written.numbers(), "contexts": knobs.two_contexts()}),
        "ladder": shown({rung["name"]: rung["loss"] for rung in rungs}),
    }
    styles = sorted(Path(app.srcdir, "book", "_static").glob("*.css"))
    config.style_checksum = zlib.crc32(b"".join(style.read_bytes() for style in styles))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("style_checksum", 0, "html")  # Sphinx does not look at style sheets itself
    app.connect("config-inited", add_numbers)
    app.add_directive("recorded-text", RecordedText)
    app.add_directive("seconds-table", SecondsTable)
    app.add_directive("ladder-table", LadderTable)
    app.add_directive("drawing", Drawing)
    app.add_directive("features", features.Features)
    app.add_role("repo", Repo())
    version = zlib.crc32(Path(__file__).read_bytes())  # a changed extension reads every page again
    return {"env_version": version, "parallel_read_safe": True, "parallel_write_safe": True}
