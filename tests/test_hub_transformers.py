"""A folder of gptlab.hub in transformers: scores, text, ids, the template; without a network."""

from __future__ import annotations

import random
import re
import shutil
import socket
import subprocess
import sys

import hub_sample
import pytest
import torch

from gptlab import conversations, data, hub, tiny, tokenizers
from gptlab.nano import GPTConfig
from gptlab.publishing import parity
from gptlab.tokenizers import GPT4_PATTERN, RegexTokenizer

transformers = pytest.importorskip("transformers")

TALK = [
    {"role": "user", "content": " What is\n\n7 + 5? "},
    {"role": "assistant", "content": "It's twelve. \N{GRINNING FACE}"},
    {"role": "user", "content": "{{ 1 }} {% raw %} \\n naïve"},
]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever looks for a name or opens a connection fails."""

    def refuse(*_, **__):
        raise AssertionError("a network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "model"
    return hub.save(folder, hub_sample.model(), hub_sample.tokenizer(), hub_sample.RUN)


@pytest.fixture(scope="module")
def theirs(made):
    return transformers.AutoTokenizer.from_pretrained(made)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("bias", [True, False])
def test_scores_and_text_are_the_same(tmp_path, dtype, bias):
    model = hub_sample.model(bias=bias)
    folder = hub.save(tmp_path / "m", model, hub_sample.tokenizer(), dtype=dtype)
    found = transformers.AutoModelForCausalLM.from_pretrained(folder)
    ours = hub.load(folder).model if dtype == torch.float16 else model
    ids = torch.randint(300, (3, 40), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        difference = (found(ids).logits - ours(ids, ids)[0]).abs().max()
    assert found.dtype == torch.float32 and difference < 1e-5
    start = ids[:1, :5]
    text = found.generate(start, max_new_tokens=30, do_sample=False, eos_token_id=None)
    assert torch.equal(text, ours.generate(start, 30, top_k=1))


def test_generate_ends_at_the_end_token(made):
    model = transformers.AutoModelForCausalLM.from_pretrained(made)
    assert model.generation_config.eos_token_id == 299
    with torch.no_grad():
        model.lm_head.weight[299] = 100 * model.transformer.ln_f.bias
    assert model.generate(torch.tensor([[5, 6]]), max_new_tokens=9)[0].tolist() == [5, 6, 299]


TEXTS = [
    *parity.TEXTS, "<|user|><|end|", "<|end|>" * 3, " <|assistant|> ", "\r\n \r\n",
    "don't DON'T ’s",
    "a" * 1000, "\N{ZERO WIDTH JOINER}\N{COMBINING ACUTE ACCENT}e\u0301", "ﬁ Å ſ", "\ufffd\ufeff",
    "𝔘𝔫𝔦 \U0010ffff", "\t\t\t", "   ", " \u00a0\u3000 ", "¼²₃Ⅷ",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_ids_of_a_text_are_ours(theirs, text):
    found = theirs(text, split_special_tokens=True)["input_ids"]
    assert found == hub_sample.tokenizer().encode_ordinary(text)
    assert theirs.decode(found) == text


def test_ids_of_many_texts_are_ours(theirs):
    """Drawn from letters, digits, spaces of every kind, marks, and all that Unicode has."""
    draw = random.Random(1337)
    kinds = ["ab'st lRE", "0٣½", " \n\t\r\u2003\x85\x1c", ".,!?-_", "é漢и😀\u0301\u200d"]
    texts = ["".join(draw.choice(draw.choice(kinds)) for _ in range(20)) for _ in range(300)]
    every = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    texts += ["a" + "b 1".join(every[at : at + 400]) for at in range(0, len(every), 400)]
    expected = [hub_sample.tokenizer().encode_ordinary(text) for text in texts]
    found = theirs(texts, split_special_tokens=True)["input_ids"]
    assert [text for text, a, b in zip(texts, found, expected, strict=True) if a != b] == []


def test_special_tokens_in_a_text_are_read_as_ours_when_allowed(theirs):
    text = "a<|user|> b<|end|><|assistant|>"
    expected = hub_sample.tokenizer().encode(text, allowed_special="all")
    assert theirs(text)["input_ids"] == expected
    assert theirs.decode(expected, skip_special_tokens=True) == "a b"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_chat_template_is_the_prompt(theirs, count):
    for prompt in (True, False):
        ours = conversations.prompt if prompt else conversations.encode
        found = theirs.apply_chat_template(
            TALK[:count], add_generation_prompt=prompt, return_dict=True
        )
        assert found["input_ids"] == ours(TALK[:count], hub_sample.tokenizer())


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        ([{"role": "assistant", "content": "Hi"}], "speak in turns, and the user begins"),
        ([TALK[0], TALK[0]], "speak in turns"),
        ([{"role": "system", "content": "Be kind"}], "speak in turns"),
        ([{"role": "user", "content": "a<|end|>b"}], r"holds <\|end\|>, which would be read as"),
        ([{"role": "user", "content": "<|user|>"}], r"holds <\|user\|>"),
        ([TALK[0], {"role": "assistant", "content": "<|assistant|>"}], r"holds <\|assistant\|>"),
    ],
)
def test_the_chat_template_refuses_what_would_be_taken_for_roles(theirs, talk, said):
    with pytest.raises(Exception, match=said):
        theirs.apply_chat_template(talk, add_generation_prompt=True)


@pytest.mark.parametrize("which", ["tiny", "gpt4"])
def test_other_vocabularies_too(tmp_path, which):
    if which == "tiny":
        tokenizer = tiny.tokenizer()  # its bytes are in GPT-2's order
    else:
        tokenizer = RegexTokenizer(GPT4_PATTERN)
        tokenizer.train(hub_sample.TEXT, 290)
    sizes = {"block_size": 40, "vocab_size": tokenizer.vocab_size}
    model = hub_sample.moved(GPTConfig(**sizes, n_layer=1, n_head=2, n_embd=8))
    found = parity.compare(hub.save(tmp_path / "m", model, tokenizer))
    assert found.holds and found.template is None


def test_gpt_2s_own_vocabulary(tmp_path):
    try:
        tokenizer = tokenizers.gpt2()
    except data.DataError as error:
        pytest.skip(str(error).splitlines()[0])
    model = hub_sample.moved(GPTConfig(16, 50257, 1, 1, 4))
    folder = hub.save(tmp_path / "m", model, tokenizer)
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    assert theirs.eos_token_id == 50256
    assert hub.load(folder).tokenizer.merges == tokenizer.merges
    for text in TEXTS:
        found = theirs(text, split_special_tokens=True)["input_ids"]
        assert found == tokenizer.encode_ordinary(text)


# python -m gptlab.hub --check


def test_check_prints_the_largest_difference(made, capsys):
    assert hub.main([str(made), "--check"]) == 0
    told = capsys.readouterr()
    found = re.search(r"difference of 48,000 scores up to \S+: (\S+) \(may be \S+\)", told.out)
    assert 0 < float(found[1]) < 1e-5
    assert "the same after 4 of 4 starts" in told.out
    assert "transformers reads the same model" in told.out and not told.err


@pytest.mark.slow
def test_check_says_nothing_of_transformers_own_warnings():
    """Some random ids for the small model begin with its end, of which transformers warns."""
    done = subprocess.run([sys.executable, "-m", "gptlab.hub", "small", "--check"],
                          capture_output=True, text=True)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_check_takes_a_run(made, tmp_path, capsys):
    shutil.copytree(made, tmp_path / "run" / "chat")
    assert hub.main([str(tmp_path / "run"), "--check"]) == 0
    assert "the same model" in capsys.readouterr().out


def test_check_finds_another_model(made, monkeypatch, capsys):
    load = parity.load

    def changed(folder):
        checkpoint = load(folder)
        with torch.no_grad():
            checkpoint.model.transformer.h[0].attn.c_proj.weight.mul_(1.5)
        return checkpoint

    monkeypatch.setattr(parity, "load", changed)
    assert hub.main([str(made), "--check"]) == 1
    told = capsys.readouterr().out
    assert "ANOTHER model in transformers" in told and "4 of 4" not in told


def test_check_finds_other_ids_and_another_template(made, tmp_path, capsys):
    folder = shutil.copytree(made, tmp_path / "m")
    path = folder / "tokenizer_config.json"
    path.write_text(path.read_text("utf-8").replace("<|' + message", "<| ' + message"), "utf-8")
    assert hub.main([str(folder), "--check"]) == 1
    assert "prompt of a conversation: another" in capsys.readouterr().out


def test_check_says_what_is_missing(made, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert hub.main([str(made), "--check"]) == 2
    assert "--check needs the package transformers, which is not here: pip install" in (
        capsys.readouterr().err
    )


@pytest.mark.slow
def test_gptlab_hub_is_there_without_either(made):
    """Neither package, nor its imports, is asked for by what does without."""
    code = (
        "import sys; sys.modules['transformers'] = sys.modules['huggingface_hub'] = None\n"
        "sys.modules['tokenizers'] = None\n"
        "from gptlab import hub\n"
        f"print(hub.load({str(made)!r}).config.n_embd)\n"
        f"sys.exit(hub.main([{str(made)!r}, '--to', 'ada/x', '--dry-run']))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True,
                          text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("48\n") and "a dry run" in done.stdout
