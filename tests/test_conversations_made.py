"""The made dialogues: clean, right, always the same, and nothing held out is in train."""

import hashlib
import json
import re
from collections import Counter, defaultdict

import hub_sample
import pytest
import torch

from gptlab import hub, tiny
from gptlab.conversations import SPECIAL, __main__, encode, made, making, tokenizer_for
from gptlab.conversations.chance import Chance
from gptlab.conversations.kinds.terms import TERMS

SHA256 = "b91c4c5fdb7bde20b315a91897a631eb0d6dd82049bf6278b479a354086c02c3"
KINDS = {"greeting", "thanks", "fact", "arithmetic", "definition", "style", "clarifying",
         "reasoning", "unknown", "memory"}  # fmt: skip


@pytest.fixture(scope="module")
def dialogues():
    return made()


@pytest.fixture(scope="module")
def every(dialogues):
    return dialogues["train"] + dialogues["held_out"]


def said(dialogue, role):
    return [one["content"] for one in dialogue["messages"] if one["role"] == role]


def test_they_are_the_same_everywhere(dialogues):
    assert hashlib.sha256(making.written(dialogues).encode()).hexdigest() == SHA256
    assert made(7) != dialogues


def test_what_made_gives_is_one_s_own(dialogues):
    changed = made()
    changed["train"].clear()
    assert made() == dialogues


def test_there_are_several_thousand_of_many_kinds(dialogues):
    counts = {split: Counter(one["kind"] for one in row) for split, row in dialogues.items()}
    assert set(counts["train"]) == set(counts["held_out"]) == KINDS
    assert len(dialogues["train"]) > 5000 and 500 < len(dialogues["held_out"]) < 800
    assert min(counts["train"].values()) > 200 and min(counts["held_out"].values()) > 20
    long = [one for one in dialogues["train"] if len(one["messages"]) > 2]
    assert len(long) > 2000 and max(len(one["messages"]) for one in long) > 12
    different = {json.dumps(one["messages"]) for one in dialogues["train"]}
    assert len(different) > 0.97 * len(dialogues["train"])
    assert len(TERMS) >= 40 and len({term.bare for term in TERMS}) == len(TERMS)


def test_no_held_out_question_is_in_train(dialogues):
    after = making.later()
    asked = [making.questions(row["messages"], after) for row in dialogues["train"]]
    trained = {one for row in asked for one in row}
    for row in dialogues["held_out"]:
        assert making.questions(row["messages"], after)[-1] not in trained
    # Without what was asked before, only what means nothing alone is in both.
    alone = {making.plain(one) for row in dialogues["train"] for one in said(row, "user")}
    both = {making.plain(said(row, "user")[-1]) for row in dialogues["held_out"]} & alone
    assert both <= after and len(both) > 10


def test_a_question_has_one_answer(every):
    after, answers = making.later(), defaultdict(set)
    for row in every:
        asked = making.questions(row["messages"], after)
        for question, answer in zip(asked, said(row, "assistant"), strict=True):
            answers[question].add(answer)
    assert [one for one in answers.items() if len(one[1]) > 1] == []


def test_what_is_held_out_has_been_told_in_other_words(dialogues):
    """Each definition, fact and style that is asked for is an answer of train."""
    known = {one for row in dialogues["train"] for one in said(row, "assistant")}
    for row in dialogues["held_out"]:
        if row["kind"] in ("definition", "fact", "style", "greeting", "thanks"):
            assert said(row, "assistant")[-1] in known or row["kind"] == "greeting"


def test_they_are_clean(every):
    for row in every:
        messages = row["messages"]
        assert [one["role"] for one in messages] == ["user", "assistant"] * (len(messages) // 2)
        for text in said(row, "user") + said(row, "assistant"):
            assert text.isascii() and text == text.strip() and "  " not in text
            assert not re.search(r"\s[.,!?]|\{|\}|<|>|[.,!?]{2}", text), text
        for text in said(row, "assistant"):
            assert text[-1] in ".!?" and (text[0].isupper() or text[0].isdigit()), text
        for text in said(row, "user"):  # typed in haste: all small, and no mark
            assert text[-1] in ".!?" or text == making.plain(text), text


def test_the_numbers_are_right(every):
    seen = Counter()
    for row in every:
        for text in said(row, "assistant"):
            for a, sign, b, c in re.findall(r"(\d+) ([-+x]) (\d+) = (\d+)", text):
                assert {"+": int(a) + int(b), "-": int(a) - int(b), "x": int(a) * int(b)}[
                    sign
                ] == int(c), text
                seen[sign] += 1
            for b, a, c in re.findall(r"Count down (\d+) from (\d+):.* So it is (\d+)", text):
                assert int(a) - int(b) == int(c) and text.count(",") == int(b) - 1
                seen["-"] += 1
            for a, b, c in re.findall(r"Count (\d+) steps of (\d+):.* So it is (\d+)", text):
                assert int(a) * int(b) == int(c) and text.count(",") == int(a) - 1
                seen["x"] += 1
        asked = re.findall(r"\d+", said(row, "user")[-1])
        for large in re.findall(r"larger one is (\d+)", said(row, "assistant")[-1]):
            assert int(large) == max(map(int, asked))
            seen["larger"] += 1
        for text in said(row, "assistant"):
            for a, kind in re.findall(r"(\d+) is (even|odd)", text):
                assert (int(a) % 2 == 0) == (kind == "even")
    assert min(seen[one] for one in ("+", "-", "x", "larger")) > 200


def test_the_stories_end_as_they_must(dialogues):
    found = Counter()
    for row in dialogues["train"] + dialogues["held_out"]:
        question, answer = said(row, "user")[-1], said(row, "assistant")[-1]
        pairs = re.findall(r"(\w+) is (?:taller|older|faster|stronger|richer) than (\w+)", question)
        if len(pairs) == 2:
            (first, second), (third, fourth) = pairs
            most, least = first, fourth
            assert second == third and len({first, second, fourth}) == 3
            top = re.search(r"(?:tallest|oldest|fastest|strongest|richest)", question)
            assert answer.endswith(f", {most if top else least}."), question
            found["compared"] += 1
    assert found["compared"] > 500


def test_each_fits_into_the_context(dialogues, every):
    tokenizer = tokenizer_for(dialogues["train"])
    assert tokenizer.vocab_size == 896
    assert [tokenizer.special_tokens[one] for one in SPECIAL] == [893, 894, 895]
    assert max(len(encode(row["messages"], tokenizer)) for row in every) <= 256


def test_lines_are_read_as_they_were_written(dialogues):
    assert making.read(making.written(dialogues)) == dialogues
    with pytest.raises(ValueError, match="line 2 is no dialogue: expected"):
        making.read('{"split": "train", "kind": "fact", "messages": []}\nnothing\n')


def test_chance_is_from_random_alone():
    chance = Chance(5)
    assert [chance.below(6) for _ in range(8)] == [3, 4, 4, 5, 4, 5, 0, 2]
    assert sorted(Chance(5).shuffled("abcdef")) == list("abcdef")
    assert len(set(Chance(5).some(range(50), 20))) == 20


@pytest.mark.parametrize(("words", "said"), [
    (["scores", "small"], "found 'scores', expected score, shrink, or options alone"),
    (["--show", "-2"], "found '-2', expected a whole number from 0 on"),
    (["shrink", "small"], "gptlab.conversations shrink: the following arguments are required: out"),
])  # fmt: skip
def test_what_the_command_does_not_know_is_a_sentence(words, said, capsys):
    with pytest.raises(SystemExit):
        __main__.main(words)
    told = capsys.readouterr().err
    assert said in told and told.startswith("gptlab.conversations") and "usage" not in told


@pytest.mark.parametrize("command", ["score", "shrink"])
def test_a_model_that_cannot_talk_is_a_sentence(command, tmp_path, capsys):
    folder = hub.save(tmp_path / "m", hub_sample.model(vocab_size=512), tiny.tokenizer())
    out = [str(tmp_path / "out")] * (command == "shrink")
    assert __main__.main([command, str(folder), *out]) == 2
    said = capsys.readouterr().err
    assert said.startswith("gptlab.conversations: ") and said.count("\n") == 1
    assert "has no <|user|>, <|assistant|>, <|end|>, so it was not trained on conver" in said
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_device_that_is_not_here_is_a_sentence(capsys):
    assert __main__.main(["score", "small", "--device", "tpu"]) == 2
    said = capsys.readouterr().err
    assert "gptlab.conversations: --device tpu: it is not here. Expected one of: cpu" in said


def test_a_model_is_shrunk_and_its_scores_are_made_anew(tmp_path, capsys, monkeypatch):
    few = {split: row[:3] for split, row in making.made().items()}
    monkeypatch.setattr(making, "made", lambda: few)
    model = hub_sample.model(block_size=128)
    folder = hub.save(tmp_path / "m", model, hub_sample.tokenizer(), {"seed": 5})
    assert __main__.main(["shrink", str(folder), str(tmp_path / "out")]) == 0
    assert f"{tmp_path / 'out'}: " in capsys.readouterr().out
    small = hub.load(tmp_path / "out")
    assert small.run["seed"] == 5 and small.run["scores"]["all"]["count"] == 3
    assert torch.equal(small.model.lm_head.weight, model.lm_head.weight.half().float())


def test_the_command_counts_shows_and_writes(tmp_path, capsys, dialogues):
    out = tmp_path / "made.jsonl"
    assert __main__.main(["--show", "1", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert f"all          {len(dialogues['train']):>7,} {len(dialogues['held_out']):>9,}" in printed
    assert printed.count("  assistant ") >= len(KINDS)
    assert making.read(out.read_text()) == dialogues
    assert __main__.main(["--out", str(tmp_path / "none" / "x")]) == 2
    assert "expected a file in a folder that is there" in capsys.readouterr().err
    assert __main__.main(["score", str(tmp_path)]) == 2
    assert "python -m gptlab.train" in capsys.readouterr().err
