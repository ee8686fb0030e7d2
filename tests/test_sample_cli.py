"""`python -m gptlab.sample`: what each option does, what is refused, and what goes where."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import hub_sample
import pytest
import torch
from memory_sample import SHORT
from train_sample import SMALL, TEXT, config, one_thread, trained

import gpt_download
from gptlab import chat, checkpoint, fingerprint, hub, sample, tiny, tokenizers
from gptlab.gpt import GPTModel
from gptlab.sampling import command, options, sources
from gptlab.sampling.command import main, pieces

assert one_thread  # for every test here
ROOT = Path(__file__).parent.parent
CACHED = sources.cached


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch, tmp_path):
    """No GPT-2 on this machine, and a folder of the test's own."""
    monkeypatch.setattr(sources, "cached", lambda size: None)
    monkeypatch.chdir(tmp_path)


def run(capsys, *arguments):
    """(exit code, stdout, stderr)"""
    try:
        code = main([str(part) for part in arguments])
    except SystemExit as stopped:
        code = stopped.code
    return code, *capsys.readouterr()


def text(capsys, *arguments):
    """What is written, where nothing is wrong."""
    code, out, err = run(capsys, "--max_new_tokens=12", *arguments)
    assert code == 0, err
    return out


# what is written


def test_a_prompt_goes_on_with_what_the_library_draws(capsys):
    out = text(capsys, "--start=ROMEO:", "--temperature=0.7", "--top_k=5", "--seed=3")
    own = tiny.tokenizer()
    model = sources.gpt_of(sources.weights_of(tiny.FOLDER)).model
    ids = torch.tensor([own.encode("ROMEO:")])
    made = sample.generate(model, ids, 12, 64, 0.7, 5, generator=torch.Generator().manual_seed(3))
    assert out == own.decode(made[0].tolist()) + "\n"


def test_the_defaults_are_those_of_the_practical():
    found = vars(options.read([], "x", "x"))
    assert found == {
        "start": "\n", "num_samples": 1, "max_new_tokens": 100, "temperature": 0.8, "top_k": 200,
        "seed": 1337, "device": "cpu", "init_from": "gpt2",
    }  # fmt: skip


def test_the_same_seed_gives_the_same_text_and_another_another(capsys):
    first, again, other = (text(capsys, "--seed", seed) for seed in (1, 1, 2))
    assert first == again != other
    both = text(capsys, "--seed", 1, "--num_samples", 2)
    assert both.startswith(first.removesuffix("\n") + "\n---------------\n")


def test_temperature_0_is_the_likeliest_whatever_the_seed(capsys):
    made = {text(capsys, "--temperature=0", f"--seed={seed}", "--start=A") for seed in (1, 2)}
    made.add(text(capsys, "--top_k=1", "--start=A"))
    assert len(made) == 1


@pytest.mark.parametrize("temperature", ["0.000001", "1000"])
@pytest.mark.parametrize("top_k", [3, 10**20])
def test_the_ends_of_the_range_write_too(capsys, temperature, top_k):
    assert text(capsys, f"--temperature={temperature}", f"--top_k={top_k}")


def test_other_names_and_hyphens_are_the_same_options(capsys):
    one = run(capsys, "--start=A king", "--max_new_tokens=5", "--num_samples", "2", "--top_k=9")
    two = run(capsys, "--prompt=A king", "--max-tokens=5", "--num-samples", "2", "--top-k=9")
    assert one == two and one[0] == 0


def test_samples_are_apart_and_notes_are_elsewhere(capsys):
    code, out, err = run(capsys, "--start=Now", "--num_samples=3", "--max_new_tokens=0")
    assert (code, out) == (0, "Now\n---------------\nNow\n---------------\nNow\n")
    assert err.startswith("gpt2 is not on this machine: the tiny GPT-2 stands in for it")
    assert err.count("\n") == 1


def test_special_tokens_are_one_token(capsys):
    words = sources.weights_of(tiny.FOLDER)
    assert words.encode("<|endoftext|>") == [511]
    assert text(capsys, "--start=<|endoftext|>").startswith("<|endoftext|>")


def test_a_new_line_may_be_typed_as_the_default_is_written(capsys):
    assert text(capsys, r"--start=\n") == text(capsys) == text(capsys, "--start=\n")


def test_a_prompt_from_a_file(capsys, tmp_path):
    (tmp_path / "prompt.txt").write_bytes("\ufeffMy dear\r\nfriend é".encode())
    assert text(capsys, "--start=FILE:prompt.txt").startswith("My dear\nfriend é")


def test_a_long_prompt_is_cut_and_that_is_said(capsys, tmp_path):
    (tmp_path / "long.txt").write_text("word " * 300 + "the end", encoding="utf-8")
    code, out, err = run(capsys, "--start=FILE:long.txt", "--max_new_tokens=3", "--temperature=0")
    assert code == 0 and "tokens: the model reads the last 64 of them" in err
    ids = tiny.tokenizer().encode("word " * 300 + "the end")
    (tmp_path / "last.txt").write_text(tiny.tokenizer().decode(ids[-64:]), encoding="utf-8")
    last = text(capsys, "--start=FILE:last.txt", "--max_new_tokens=3", "--temperature=0")
    assert out.startswith("word " * 300 + "the end") and out.endswith(last)


def test_text_comes_as_it_is_made_and_no_character_in_halves():
    raw = {0: b"a", 1: b"\xe2", 2: b"\x82", 3: b"\xac \xf0\x9f", 4: b"\x98\x80", 5: b"\xff"}

    def decode(ids):
        return b"".join(raw[i] for i in ids).decode("utf-8", errors="replace")

    assert list(pieces([0, 1, 2, 3, 4, 0], decode)) == ["a", "", "", "€ ", "😀", "a", ""]
    for ids in ([1, 0, 1, 2], [5, 5, 0], [1, 1, 2, 3, 4], [2, 2, 2], [3], []):
        assert "".join(pieces(ids, decode)) == decode(ids)


def test_ctrl_c_ends_with_what_was_written(capsys, monkeypatch):
    def two(*args, **more):
        yield from torch.tensor([[[65]], [[66]]])
        raise KeyboardInterrupt

    monkeypatch.setattr(sample, "stream", two)
    code, out, err = run(capsys, "--start=Now")
    assert code == 130 and out == "Now" + tiny.tokenizer().decode([65, 66]) + "\n"
    assert err.endswith("stopped\n")


# where weights come from


@pytest.fixture
def small(monkeypatch):
    """Every size of GPT-2 is as small as the tiny one, and is looked for."""
    monkeypatch.setattr(sources, "cached", CACHED)
    monkeypatch.delenv("GPTLAB_DATA", raising=False)
    monkeypatch.setenv("GPTLAB_CACHE", "cache")
    for size in options.GPT2.values():
        monkeypatch.setitem(gpt_download.MODELS, size, gpt_download.Model(tiny.hparams()))


@pytest.mark.parametrize("place", ["gpt2/355M", "cache/gpt2/355M", "given/gpt2-models/355M"])
def test_gpt2_is_taken_where_it_is(capsys, monkeypatch, small, place):
    shutil.copytree(tiny.FOLDER, place)
    monkeypatch.setenv("GPTLAB_DATA", "given")
    code, out, err = run(capsys, "--init_from=gpt2-medium", "--max_new_tokens=5")
    assert code == 0 and err == f"gpt2-medium: {place}\n"
    code, other, err = run(capsys, "--init_from=gpt2-xl", "--max_new_tokens=5")
    assert code == 0 and "gpt2-xl is not on this machine" in err and "gpt_download 1558M" in err
    assert out == other == run(capsys, f"--init_from={place}", "--max_new_tokens=5")[1]
    assert out == run(capsys, "--init_from=tiny", "--max_new_tokens=5")[1]


def test_the_hubs_form_of_gpt2_is_taken_too(capsys, monkeypatch, small):
    safetensors = pytest.importorskip("safetensors.numpy")
    path = Path("gpt2/124M/model.safetensors")
    path.parent.mkdir(parents=True)
    safetensors.save_file(tiny.state(), path)
    size = {"model.safetensors": (gpt_download.sha256_of(path), path.stat().st_size)}
    model = gpt_download.Model(tiny.hparams(), known=size)
    monkeypatch.setitem(gpt_download.MODELS, "124M", model)
    monkeypatch.setattr(tokenizers, "gpt2", tiny.tokenizer)
    for name in ("gpt2", "gpt2/124M"):
        code, out, err = run(capsys, f"--init_from={name}", "--max_new_tokens=5")
        assert code == 0 and err.endswith("gpt2/124M\n" if name == "gpt2" else "a GPT-2\n"), err
        assert out == run(capsys, "--init_from=tiny", "--max_new_tokens=5")[1]
    shutil.copytree(path.parent, "hub")
    told = {"vocab_size": 512, "n_positions": 64, "n_embd": 72, "n_layer": 4, "n_head": 4}
    Path("hub/config.json").write_text(json.dumps(told), encoding="utf-8")
    assert out == run(capsys, "--init_from=hub", "--max_new_tokens=5")[1]
    cut(path)
    assert run(capsys, "--init_from=gpt2/124M")[0] == 2  # gpt2 would not be found: of another size


def test_a_chat_model_goes_on_with_texts_in_its_own_vocabulary(capsys, tmp_path):
    folder = tmp_path / "chat"
    hub.save(folder, hub_sample.model(), hub_sample.tokenizer())
    assert sources.weights_of(folder).encode("<|user|>a<|end|>") == [297, 97, 299]
    assert text(capsys, f"--init_from={folder}", "--start=How are").startswith("How are")
    start = "<|user|>Hello!<|end|><|assistant|>"
    answer = "".join(chat.reply(chat.load(), [{"role": "user", "content": "Hello!"}], 100, 0))
    out = run(capsys, f"--init_from={chat.MODEL}", f"--start={start}", "--temperature=0")[1]
    assert out.startswith(f"{start}{answer}<|end|>") and answer
    (folder / "tokenizer.json").write_text("{}")
    code, out, err = run(capsys, f"--init_from={folder}")
    assert (code, out) == (2, "") and "tokenizer.json: no byte-pair tokenizer" in err
    (folder / "tokenizer.json").unlink()
    assert "has 50,257" in run(capsys, f"--init_from={folder}")[2]


@pytest.mark.parametrize("model", ["bigram", "toy", "gpt", "nano"])
@pytest.mark.parametrize("tokens", ["characters", "tiny"])
def test_a_run_of_gptlab_train_writes(capsys, tmp_path, model, tokens):
    trainer = trained(config(model=model, tokens=tokens, steps=2))
    trainer.save(tmp_path / "run")
    for name in ("run", tmp_path / "run" / "checkpoint.pt"):
        out = text(capsys, f"--init_from={name}", "--start=The ")
        assert out.startswith("The ") and len(out) > 12
    assert len(text(capsys, "--init_from=run", "--num_samples=2", "--max_new_tokens=30")) > 60


def test_a_character_that_a_run_never_met_is_named(capsys, tmp_path):
    trained(config(steps=1)).save(tmp_path / "run")
    code, out, err = run(capsys, "--init_from=run", "--start=é")
    assert (code, out) == (2, "") and "the character 'é' is not among those" in err
    assert "é" not in TEXT and SMALL.tokens == "characters"


def spoil_hparams(folder, **changed):
    path = folder / "hparams.json"
    told = json.loads(path.read_text()) | changed
    path.write_text(json.dumps({k: v for k, v in told.items() if v is not None}))


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: cut(f / "model.ckpt.index"), "is no index of a TensorFlow checkpoint"),
        (lambda f: cut(f / "model.ckpt.data-00000-of-00001"), "cannot be used: "),
        (lambda f: (f / "model.ckpt.index").unlink(), "has neither model.ckpt.index nor"),
        (lambda f: cut(f / "hparams.json"), "cannot be used: "),
        (lambda f: (f / "hparams.json").write_text("[]"), "cannot be used: "),
        (lambda f: spoil_hparams(f, n_head=None), "lack n_head"),
        (lambda f: spoil_hparams(f, n_head=5), "cannot be used: "),
        (lambda f: spoil_hparams(f, n_ctx=99), "say n_ctx=99; the weights have 64"),
        (lambda f: (f / "encoder.json").write_text("{}"), "do not belong together"),
        (lambda f: (f / "vocab.bpe").unlink(), "No such file"),
    ],
)
def test_a_damaged_folder_is_a_sentence(capsys, tmp_path, spoil, words):
    spoil(shutil.copytree(tiny.FOLDER, tmp_path / "damaged"))
    code, out, err = run(capsys, "--init_from=damaged")
    assert (code, out) == (2, "") and words in err and "--init_from=tiny" in err, err


def test_a_damaged_run_is_a_sentence(capsys, tmp_path):
    trained(config(steps=1)).save(tmp_path / "run")
    path = tmp_path / "run" / "checkpoint.pt"
    whole = checkpoint.read(path)
    name, first = next(iter(whole["model"].items()))
    checkpoint.write(path, whole | {"model": {**whole["model"], name: first[:1]}})
    assert "cannot be used: Error(s) in loading" in run(capsys, "--init_from=run")[2]
    first.fill_(float("nan"))
    checkpoint.write(path, whole)
    assert "weights that are no numbers" in run(capsys, "--init_from=run")[2]
    cut(path)
    code, out, err = run(capsys, "--init_from=run")
    assert (code, out) == (2, "") and "is no whole checkpoint" in err


# what cannot be


REFUSED = [
    (["--temperature=-1"], "found '-1', expected 0 (always the likeliest token), or a number"),
    (["--temperature", "-0.5"], "found '-0.5'"),
    (["--temperature=nan"], "found 'nan'"),
    (["--temperature=inf"], "found 'inf'"),
    (["--temperature=1e-9"], "found '1e-9'"),
    (["--temperature=warm"], "found 'warm'"),
    (["--top_k=0"], "found '0', expected a whole number, at least 1"),
    (["--top_k=-3"], "found '-3'"),
    (["--top_k=2.5"], "found '2.5'"),
    (["--num_samples=0"], "found '0', expected a whole number, at least 1"),
    (["--num_samples=-1"], "found '-1'"),
    (["--max_new_tokens=-1"], "found '-1', expected a whole number, 0 or more"),
    (["--max_new_tokens=1e3"], "found '1e3'"),
    (["--seed=pi"], "found 'pi', expected a whole number, such as 1337"),
    (["--seed=99999999999999999999"], "found '99999999999999999999'"),
    (["--seed=" + "9" * 5000], "found '999"),
    (["--start="], "found an empty prompt"),
    (["--start"], 'expected one argument: --start="Hello, my name is"'),
    (["--start=Hello,", "my", "name"], "Does the prompt stand in quotes?"),
    (["--start=a\0b"], "found the character 0"),
    (["--start=a\udcff"], "found bytes that are no UTF-8"),
    (["--start=FILE:none.txt"], "--start=FILE:none.txt: No such file or directory. Expected a"),
    (["--start=FILE:"], "--start=FILE:: No such file"),
    (["--start=FILE:."], "Is a directory"),
    (["--start=FILE:a\0b"], "null"),
    (["--start=FILE:latin.txt"], "a byte that is not UTF-8 at place 1"),
    (["--start=FILE:zero.bin"], "found the character 0 in it"),
    (["--start=FILE:empty.txt"], "the file is empty"),
    (["--start=FILE:long.txt"], "more than 1,000,000 bytes"),
    (["--device=gpu"], "--device gpu: it is not here. Expected one of: cpu"),
    (["--device=cuda"], "--device cuda: it is not here"),
    (["--device=cuda:1"], "--device cuda:1: it is not here"),
    (["--device="], "it is not here"),
    (["--init_from=gpt3"], "there is no folder gpt3. Expected gpt2, gpt2-medium"),
    (["--init_from=."], "has neither"),
    (["--init_from="], "has neither"),
    (["--nothing=1"], "unrecognized arguments: --nothing=1\n"),
    (["--strat=x"], "unrecognized arguments: --strat=x. Did you mean --start?"),
    (["-start=Hi"], "Did you mean --start?"),
    (["--temp=0.5"], "Did you mean --temperature?"),
    (["--max_new_tokens"], "argument --max_new_tokens: expected one argument"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_is_a_sentence(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    (tmp_path / "latin.txt").write_bytes("né".encode("latin-1"))
    (tmp_path / "zero.bin").write_bytes(b"a\0b")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "long.txt").write_text("a" * 1_000_001, encoding="utf-8")
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "") and words in err and err.startswith("gptlab.sample: "), err
    assert "Traceback" not in err and len(err) < 6000


def test_a_card_that_is_here_may_be_named(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert fingerprint.device_of("cuda:1") == torch.device("cuda", 1)
    for name in ("cuda:2", "cuda:", "cuda:x", "cuda:²", "cpu:1"):
        with pytest.raises(ValueError, match=r"it is not here\. Expected one of: cpu, cuda"):
            fingerprint.device_of(name)


def raising(error):
    def fail(*args, **more):
        raise error

    return fail


@pytest.mark.parametrize("error", SHORT.values(), ids=SHORT)
def test_too_little_memory_is_a_sentence(capsys, monkeypatch, tmp_path, error):
    told = "the memory of cpu is too small for {}: take a smaller one, as --init_from=gpt2; see"
    monkeypatch.setattr(command, "_write", raising(error))
    code, out, err = run(capsys)
    assert (code, out) == (2, "") and told.format("gpt2") in err and '"Less memory"' in err
    trained(config(steps=1)).save(tmp_path / "run")
    monkeypatch.setattr(torch, "load", raising(error))
    code, out, err = run(capsys, "--init_from=run")
    assert (code, out) == (2, "") and told.format("run") in err


def test_a_missing_package_is_a_sentence_and_a_bug_is_none(capsys, monkeypatch):
    monkeypatch.setattr(command, "_write", raising(ModuleNotFoundError("No module named 'torch'")))
    code, out, err = run(capsys)
    assert (code, out) == (2, "") and "No module named 'torch'" in err
    monkeypatch.setattr(command, "_write", raising(RuntimeError("mat1 and mat2 shapes")))
    with pytest.raises(RuntimeError, match="mat1"):
        run(capsys)


# the command itself


def test_help_is_quick_and_needs_no_torch():
    code = (
        "import sys; from gptlab.sampling.command import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0 and "--max_new_tokens N, --max_tokens N" in done.stdout, done.stderr


def command_line(*arguments):
    return [sys.executable, "-W", "error", "-m", "gptlab.sample", "--init_from=tiny", *arguments]


def test_the_real_command_streams_into_a_pipe_and_stops_at_ctrl_c():
    with subprocess.Popen(
        command_line("--start=Hello", "--num_samples=1000000"), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        first = process.stdout.read(30)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        rest, notes = process.communicate(timeout=60)
    assert first.startswith("Hello") and rest.endswith("\n") and process.returncode == 130
    assert notes.endswith("stopped\n") and "Traceback" not in notes


def test_a_reader_that_has_had_enough_is_no_error():
    with subprocess.Popen(
        command_line("--num_samples=1000000"), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        process.stdout.read(5)
        process.stdout.close()
        notes = process.stderr.read()
        assert process.wait(timeout=60) == 1
    assert notes.count("\n") == 1  # which model it is


def test_the_model_keeps_what_it_has_read():
    ready = sources.gpt_of(sources.weights_of(tiny.FOLDER))
    assert isinstance(ready.model, GPTModel) and not ready.model.training
    assert ready.model.out_head.weight is ready.model.tok_emb.weight
