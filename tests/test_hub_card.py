"""The model card: all figures of the run and no other, words that stay words, code that runs."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys

import hub_sample
import pytest
import yaml

from gptlab import hub

RUN = hub_sample.RUN
CARD = hub.card(RUN)


def section(title, card=CARD):
    """The text under a heading, or None."""
    found = re.search(rf"^## {title}\n\n(.*?)(?=^## |\Z)", card, re.MULTILINE | re.DOTALL)
    return found and found[1]


def rows(text):
    """The cells of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


def changed(**parts):
    return copy.deepcopy(RUN) | parts


def test_the_front_matter_is_what_the_hub_asks_for():
    front = yaml.safe_load(CARD.split("---\n")[1])
    assert front["license"] == "mit" and front["language"] == "en"
    assert front["library_name"] == "transformers"
    assert front["pipeline_tag"] == "text-generation"
    huggingface_hub = pytest.importorskip("huggingface_hub")
    read = huggingface_hub.ModelCard(CARD).data.to_dict()
    assert {key: read[key] for key in front} == front


def test_every_figure_of_the_run_stands_in_its_table():
    assert dict(rows(section("Data"))) == {
        "made by": r"gptlab.conversations.made(1337)", "dialogues to train on": "5,021",
        "dialogues held out": "613", "tokens to train on": "400,123",
    }  # fmt: skip
    made = dict(rows(section("Training")))
    assert (made["seed"], made["steps"], made["seconds"]) == ("1337", "1,503", "151.25")
    assert (made["preset"], made["threads"], made["torch"]) == ("chat-small", "2", "2.13.0")
    assert (made["`learning_rate`"], made["`n_embd`"]) == ("0.0017", "128")
    assert rows(section("Losses")) == [("training", "0.1234"), ("held out", "0.4567")]
    assert rows(section("Scores")) == [
        ("arithmetic", "101", "31.0%", "52.0%"), ("unknown", "50", "88.0%", "95.0%"),
        ("all", "600", "71.0%", "82.3%"),
    ]  # fmt: skip
    assert "901,888 parameters (869,120 without those of the positions)" in section("What it is")
    assert "4 layers, 4 heads, 128 wide, a context of 256 tokens" in section("What it is")
    right, wrong = section("Right and wrong").split("Wrong:")
    assert rows(right) == [("Hi", "Hello!", "Hello!")] and rows(wrong) == [("2 + 2?", "5", "4")]


def test_no_number_stands_there_that_is_not_the_runs():
    """Those of the code and of the sentences apart: every other one is in run.json."""
    known = {str(value) for value in flat(RUN)} | {"2"}  # GPT-2
    known |= {f"{one:.1f}" for value in flat(RUN) if isinstance(value, float)
              for one in (100 * value, 100 - 100 * value)}  # fmt: skip
    known |= {"1", "174", "0.33"}  # F1; 600 times 0.29; 0.4567 less 0.1234
    text = re.sub(r"```python.*?```", "", CARD, flags=re.DOTALL)
    for found in re.findall(r"\d[\d,.]*\d|\d", text):
        assert found.replace(",", "") in known or found in known, found


def flat(value):
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in flat(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in flat(one)]
    if isinstance(value, str):
        return re.findall(r"\d+(?:\.\d+)*", value)
    return [value]


@pytest.mark.parametrize(
    ("key", "title"),
    [("data", "Data"), ("losses", "Losses"), ("scores", "Scores"), ("examples", "Right and wrong")],
)
def test_what_the_run_does_not_tell_is_left_out(key, title):
    run = {name: value for name, value in RUN.items() if name != key}
    card = hub.card(run)
    assert section(title, card) is None
    assert card.count("\n## ") == CARD.count("\n## ") - 1


def test_a_run_that_tells_nothing():
    card = hub.card({})
    assert re.findall("^## (.*)", card, re.MULTILINE) == ["What it is", "Use"]
    assert "None" not in card and "nan" not in card


@pytest.mark.parametrize("odd", [None, 5, "text", [], [1], {"all": 1}, {"all": {"exact": "x"}}])
@pytest.mark.parametrize("key", [*RUN])
def test_a_run_of_another_form_gives_a_card(key, odd):
    assert hub.card(changed(**{key: odd})).startswith("---\nlicense: mit\n")


def test_the_limits_follow_from_the_figures():
    told = section("Limits")
    assert "trained on 5,021 dialogues and on nothing else" in told
    assert "Of 600 questions that it had not seen, it answered 174" in told and "(29.0%)" in told
    assert "arithmetic (31.0% exact)" in told
    assert "in the wanted words in 88.0% of 50 cases; in the others, something else." in told
    assert "0.33 nats a token above" in told
    assert "the last 256 tokens" in told


def test_a_better_run_has_fewer_limits():
    scores = {kind: {"exact": 1.0, "partial": 1.0, "count": 50} for kind in RUN["scores"]}
    told = section("Limits", hub.card(changed(scores=scores, losses={"train": 0.1, "val": 0.15})))
    assert "Fewer than half" not in told and "by heart" not in told
    assert "in 100.0% of 50 cases.\n" in told
    assert "answered 0 in other words" in told


def test_words_of_the_model_stay_words():
    said = "a|b\n\n# <script>alert(1)</script> [x](http://y) `z` **w** $m$"
    examples = {"right": [{"question": said, "answer": said, "wanted": said}], "wrong": []}
    card = hub.card(changed(examples=examples, name=said))
    found = section("Right and wrong", card)
    line = next(line for line in found.splitlines() if "script" in line)
    assert len(re.findall(r"(?<!\\)\|", line)) == 4
    assert "<script>" not in card and "\n# <" not in card
    assert r"\[x\](http://y) \`z\` \*\*w\*\*" in line
    assert "Wrong:" not in found


def test_names_in_the_run_stay_words():
    odd = "a|b\n# <script>alert(1)</script> [x](http://y) `z`"
    scores = {"all": {"exact": 0.2, "partial": 0.2, "count": 5},
              odd: {"exact": 0.1, "partial": 0.1, "count": 5}}  # fmt: skip
    recipe = RUN["recipe"] | {"x`|<script>": 1}
    card = hub.card(changed(scores=scores, recipe=recipe))
    assert "<script>" not in card and "\n# <" not in card
    assert r"a\|b \# &lt;script&gt;alert(1)&lt;/script&gt; \[x\](http://y) \`z\` (10.0%" in section(
        "Limits", card
    )


def test_a_model_of_plain_text_is_told_otherwise():
    card = hub.card(RUN, chat=False)
    assert "A language model" in section("What it is", card)
    assert "apply_chat_template" not in card and "gptlab.chat" not in card


def test_the_card_is_in_the_folder_and_printed(tmp_path, capsys):
    folder = hub.save(tmp_path / "m", hub_sample.model(), hub_sample.tokenizer(), RUN)
    assert (folder / "README.md").read_text(encoding="utf-8") == CARD
    assert json.loads((folder / "run.json").read_text(encoding="utf-8")) == RUN
    assert hub.main([str(folder), "--card"]) == 0
    assert capsys.readouterr().out == CARD


@pytest.mark.slow
@pytest.mark.parametrize("chat", [True, False])
def test_its_code_runs(tmp_path, chat):
    pytest.importorskip("transformers")
    model = hub_sample.model(block_size=128)
    folder = hub.save(tmp_path / "m", model, hub_sample.tokenizer())
    blocks = re.findall(r"```python\n(.*?)```", hub.card(RUN, chat=chat), re.DOTALL)
    assert len(blocks) == 2
    done = subprocess.run([sys.executable, "-W", "error", "-c", "\nprint('--')\n".join(blocks)],
                          cwd=folder, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split("--\n")) == 2
