"""`autograder letters`: who is on the page, who must not be, and text that wants to be more."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import nbformat
import pytest
from markdown_it import MarkdownIt

from autograder import cli, letters
from autograder.errors import UserError
from autograder.paths import ROOT
from gptlab import letter

LAB = "lab11_sampling"
GOOD = {
    "prompt": "My dear friend,",
    "settings": {"temperature": 0.8, "top_k": 200, "seed": 7},
    "letter": "My dear friend,\n\nI love thee.",
    "agree": True,
    "name": "Ada",
}


def cell(**changed):
    return f"# The letter.\nletter = {GOOD | changed!r}\n"


def hand_in(root, student, *sources, grade_id="answer-letter"):
    """A collected submission with these answer cells."""
    nb = nbformat.v4.new_notebook()
    for source in sources:
        made = nbformat.v4.new_code_cell(source)
        made.metadata["nbgrader"] = {"grade_id": grade_id, "grade": False, "solution": True}
        nb.cells.append(made)
    path = root / "submitted" / student / LAB / f"{LAB}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(nb), encoding="utf-8")
    return path


def page(root):
    """The page's HTML and its Markdown, as HTML of a browser would have it."""
    folder = root / "letters"
    return [(folder / f"{LAB}.{ending}").read_text(encoding="utf-8") for ending in ("html", "md")]


class Seen(HTMLParser):
    """Tags with their attributes, and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


def run(*arguments):
    return cli.main(["letters", LAB, *arguments])


def test_letters_stand_under_their_picks_then_by_name(course_root, capsys):
    for name in ("Zoe", "Ada", "Max", ""):
        text = f"From {name or 'nobody'} with love"
        hand_in(course_root, f"id_{name.lower() or 'x'}", cell(name=name, letter=text))
    assert run("--romantic", "id_max", "--clumsiest", "Zoe") == 0
    assert "4 letters in" in capsys.readouterr().out
    for text in page(course_root):
        seen = Seen(MarkdownIt().render(text) if text.startswith("#") else text).text
        wanted = [
            "The most romantic",
            "From Max",
            "Max",
            "The clumsiest",
            "From Zoe",
            "Zoe",
            "All the others",
            "From Ada",
            "Ada",
            "From nobody",
            "somebody who gave no name",
        ]
        places = [seen.index(part) for part in wanted]
        assert places == sorted(places)
        assert "--temperature=0.8 --top_k=200 --seed=7" in seen and "id_" not in text
        assert seen.count("From Max") == 1


def test_without_picks_there_are_all_letters_and_the_way_to_name_three(course_root, capsys):
    hand_in(course_root, "ada", cell())
    assert run() == 0
    out = capsys.readouterr().out
    assert "ada" in out and "--romantic STUDENT" in out
    seen = Seen(page(course_root)[0]).text
    assert "The letters" in seen and "My dear friend,\n\nI love thee." in seen


AGREES_NOT = [
    cell(agree=False),
    cell(agree=1),
    cell(agree="True"),
    cell(agree="yes"),
    cell(agree=None),
    cell(agree=[True]),
    cell().replace("'agree': True", "'agree': bool(1)"),
    cell().replace("'agree': True", "'agree': not False"),
    cell().replace("'agree': True", "'agree': True, 'agree': False"),
    cell() + "letter['agree'] = False\n",
    cell() + "del letter\n",
    cell() + cell(agree=False),
    cell().replace("letter =", "mine = letter ="),
    cell().replace("letter =", "letters ="),
    cell().replace("letter = ", "letter |= "),
    "letter = letter = " + repr(GOOD),
    "if True:\n    letter = " + repr(GOOD),
    "letter = dict(prompt='', agree=True)",
    "letter = " + repr({key: value for key, value in GOOD.items() if key != "agree"}),
    "letter = " + repr([GOOD]),
    "letter = " + repr(GOOD) + "[",
    "raise NotImplementedError",
    "",
]


@pytest.mark.parametrize("source", AGREES_NOT, ids=range(len(AGREES_NOT)))
def test_nobody_is_shown_whose_agreement_is_not_exactly_true(course_root, capsys, source):
    hand_in(course_root, "bob", source)
    assert run() == 2
    said = capsys.readouterr()
    assert "nobody's letter may be shown, so there is no page" in said.err
    assert "bob" in said.out and not (course_root / "letters").exists()
    hand_in(course_root, "ada", cell(letter="Mine."))
    assert run() == 0
    assert all("Mine" in text and "love" not in text for text in page(course_root)[1:])
    assert "thee" not in "".join(page(course_root))


def test_who_changes_their_mind_is_gone(course_root, capsys):
    path = hand_in(course_root, "ada", cell())
    assert run() == 0 and (course_root / "letters" / f"{LAB}.html").exists()
    path.write_text(path.read_text().replace("'agree': True", "'agree': False"))
    assert run() == 2
    assert not list((course_root / "letters").iterdir())
    assert "did not agree to be shown: ada" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pick", "words"),
    [("bob", "did not agree to be shown. Expected one of: ada, eve, eve2"),
     ("nobody", "no letter to show"), ("Eve", "several are called so")],
)  # fmt: skip
def test_a_pick_must_be_one_who_agreed(course_root, capsys, pick, words):
    hand_in(course_root, "ada", cell())
    hand_in(course_root, "bob", cell(agree=False))
    for student in ("eve", "eve2"):
        hand_in(course_root, student, cell(name="Eve"))
    assert run("--funniest", pick) == 2
    assert f"--funniest {pick}: {words}" in capsys.readouterr().err
    assert not (course_root / "letters").exists()


def test_an_instructor_may_leave_a_letter_out(course_root, capsys):
    hand_in(course_root, "ada", cell())
    hand_in(course_root, "eve", cell(letter="Unkind words."))
    assert run("--without", "eve") == 0
    assert "1 letter in" in capsys.readouterr().out and "Unkind" not in "".join(page(course_root))
    assert run("--without", "bob") == 2
    assert "--without bob: there is no letter of this student" in capsys.readouterr().err


def test_before_anything_was_collected_that_is_said(course_root):
    with pytest.raises(UserError, match=r"First: python -m autograder collect lab11_sampling"):
        letters.gather(LAB)


# text that wants to be more

HOSTILE = [
    "<script>alert(1)</script>",
    "</pre></figure><img src=x onerror=alert(1)>",
    "<!-- --> <![CDATA[ ]]> <?php ?> &lt;script&gt; &#60;b&#62;",
    "```{raw} html\n<script>alert(1)</script>\n```",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png) <http://evil.example>",
    "{raw}`x` {{ mistakes }} {% include 'x' %} $\\href{javascript:x}{y}$ ${jndi:ldap://x}",
    "\n\n# A heading\n\n:::{note}\nx\n:::\n\n| a |\n|---|\n\n---\n+++\n(target)=\n[^1]: x",
    "' onmouseover='alert(1) \" onload=\"alert(1)",
    "http://evil.example/ www.evil.example mailto:a@b.example",
    "BODY </style></head>",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["letter", "prompt", "name", "settings"])
def test_nothing_of_a_text_means_anything_to_a_browser_or_to_markdown(course_root, text, place):
    value = {text[:50]: text[:50]} if place == "settings" else text[:60]
    hand_in(course_root, "eve", cell(**{place: value}))
    hand_in(course_root, "ada", cell())
    assert run() == 0
    found = {}
    for text in page(course_root):
        whole = MarkdownIt("commonmark").render(text) if text.startswith("#") else text
        found[text[0]] = Seen(whole)
        assert "<h1>Love letters</h1>" in whole
    hand_in(course_root, "bea", cell())  # an honest one in her place makes the same tags
    (course_root / "submitted" / "eve" / LAB / f"{LAB}.ipynb").unlink()
    assert run() == 0
    for text in page(course_root):
        whole = MarkdownIt("commonmark").render(text) if text.startswith("#") else text
        assert Seen(whole).tags == found[text[0]].tags
    assert {tag for tag, _ in found["#"].tags} <= {
        "h1", "h2", "figure", "pre", "figcaption", "b", "br", "q", "code"
    }  # fmt: skip


def test_the_text_is_shown_as_it_was_written(course_root):
    text = 'Ich liebe dich — "très" <3 & so on: 愛 😀 {x} `y` *z*\n  two'
    hand_in(course_root, "ada", cell(letter=text, name="O'Neill & Søn"))
    assert run() == 0
    for made in page(course_root):
        seen = Seen(MarkdownIt().render(made) if made.startswith("#") else made).text
        assert text in seen and "O'Neill & Søn" in seen


def test_characters_that_are_not_to_be_seen_do_nothing():
    assert (
        letters.plain("a\x1b[31m\x00b\u202egnp.exe\u2066\u200b\ufeff")
        == "a\ufffd[31m\ufffdbgnp.exe"
    )
    assert letters.plain("e" + "\u0301" * 500 + "x").endswith("x")
    assert len(letters.plain("e" + "\u0301" * 500)) < 5
    assert re.fullmatch(r"(&#\d+;)+", letters.safe("<>&\"'`{}[]()\\$*_~|!#:/.-=+\n"))


LARGE = [
    cell(letter="a" * 5_000),
    cell(letter="a" * 30_000),
    cell(name="a" * 61),
    cell(settings={str(i): i for i in range(20)}),
    cell(settings={"seed": "x" * 100}),
    cell().replace("'seed': 7", f"'seed': {'9' * 4000}"),
    cell().replace("'seed': 7", f"'seed': {'9' * 5000}"),
    cell().replace("'seed': 7", "'seed': " + "-" * 15_000 + "7"),
    cell().replace("'seed': 7", "'seed': " + "(" * 5_000 + "7" + ")" * 5_000),
    cell().replace("'seed': 7", "'seed': " + "[" * 150 + "]" * 150),
    cell().replace("'seed': 7", "'seed': 10**10**10"),
    cell().replace("'seed': 7", "{}: 7"),
    cell(settings={"seed": b"x"}),
    cell(settings="--seed=7"),
    cell(letter=b"My dear"),
    cell(letter=7),
    cell(letter="  \n"),
    cell(prompt=""),
    cell().replace("'name': 'Ada'", "'name': __import__('os').system('touch ran')"),
    cell().replace("'name': 'Ada'", "'name': f'{open(\"ran\", \"w\")}'"),
    cell().replace("'name': 'Ada'", "'name': 'a' * 10**9"),
    "!touch ran\n" + cell(),
    "\udcff" + cell(),
]


@pytest.mark.parametrize("source", LARGE, ids=range(len(LARGE)))
def test_what_is_no_letter_is_left_out_and_nothing_runs(course_root, capsys, source, monkeypatch):
    monkeypatch.chdir(course_root)
    hand_in(course_root, "eve", source)
    hand_in(course_root, "ada", cell())
    assert run() == 0
    out = capsys.readouterr().out
    assert "eve: no letter: " in out and "1 letter in" in out and len(out) < 2_000
    assert not (course_root / "ran").exists()


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"", "empty"), (b"{", "not JSON"), (b"[" * 100_000, "not JSON"),
     (b"\xff\xfe\x00", "not JSON"), (b'{"cells": []}', "0 cells answer-letter")],
)  # fmt: skip
def test_a_file_that_is_no_notebook_is_named(course_root, capsys, raw, words):
    hand_in(course_root, "ada", cell())
    hand_in(course_root, "eve").write_bytes(raw)
    assert run() == 0
    out = capsys.readouterr().out
    assert "eve: no letter: " in out and words in out


def test_two_answer_cells_are_none(course_root, capsys):
    hand_in(course_root, "eve", cell(), cell(agree=False))
    hand_in(course_root, "max", cell(), grade_id="another")
    assert run() == 2
    out = capsys.readouterr().out
    assert "eve: no letter: 2 cells" in out and "max: no letter: 0 cells" in out


# the form


def test_the_form_is_read_by_the_lab_too():
    found = letter.read(GOOD | {"name": "  Ada \n L. "})
    assert found.name == "Ada L." and found.settings["top_k"] == "200" and found.agree is True
    with pytest.raises(ValueError, match="letter: it is empty"):
        letter.read(letter.BLANK)
    for wrong, words in (
        ({"agree": "yes"}, "agree: found the text 'yes', expected True or False, without quotes"),
        ({"name": None}, "name: found None, expected text in quotes"),
        ({"settings": 3}, "settings: found an int"),
    ):
        with pytest.raises(ValueError, match=re.escape(words)):
            letter.read(GOOD | wrong)
    with pytest.raises(ValueError, match="agree: missing"):
        letter.read({key: value for key, value in GOOD.items() if key != "agree"})
    with pytest.raises(ValueError, match="found None, expected a dictionary"):
        letter.read(None)


def test_the_real_command(course_root):
    hand_in(course_root, "ada", cell())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "autograder", "letters", LAB, "--romantic", "ada"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "The most romantic" in page(course_root)[0]
