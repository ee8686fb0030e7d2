"""`make verify-gpt2`: the real GPT-2 in the course's own class says what OpenAI's says.

The downloads of half a gigabyte are asked for by name (-m network); the same steps are tried on the
tiny GPT-2 each time. What the real one says is reported by two public test suites.
"""

import pytest
import torch

import gpt_download
from gptlab import data, gpt_layout, numpy_gpt, tiny, tokenizers
from gptlab.gpt import GPTModel, generate_text_simple

TURING = "Alan Turing theorized that computers would one day become"
TURING_GOES_ON = " the most powerful machines on the planet."  # 8 tokens
THE_DOG = [464, 3290, 373, 1043, 287, 257, 2214, 1474, 262, 16246, 286, 262, 2688, 290, 2688, 27262,
           13, 198, 198, 3198]  # fmt: skip
ROMEO = [
    82,
    79,
    77,
    69,
    79,
    58,
    10,
]  # "ROMEO:\n"; the tiny one: "If I have done, I'll not be alone."
ROMEO_GOES_ON = [73, 102, 291, 358, 276, 455, 44, 291, 457, 321, 304, 258, 108, 455, 46, 10, 10]


def model_of(settings, params) -> GPTModel:
    """A GPTModel with the settings and params that gpt_download gives."""
    tree = {name: value for name, value in params.items() if name not in ("g", "b")}
    tree["ln_f"] = {"g": params["g"], "b": params["b"]}
    model = GPTModel({
        "vocab_size": settings["n_vocab"], "context_length": settings["n_ctx"],
        "emb_dim": settings["n_embd"], "n_heads": settings["n_head"],
        "n_layers": settings["n_layer"], "drop_rate": 0.0, "qkv_bias": True,
    })  # fmt: skip
    model.load_state_dict(gpt_layout.to_gpt(tree))
    return model.eval()


def continued(model, ids, count) -> list[int]:
    """The ids, and the `count` likeliest after them."""
    context = model.cfg["context_length"]
    return generate_text_simple(model, torch.tensor([ids]), count, context)[0].tolist()


def assert_says(model, tokenizer, text, goes_on):
    """The text is continued so, token by token."""
    ids, expected = tokenizer.encode(text), tokenizer.encode(goes_on)
    found = continued(model, ids, len(expected))[len(ids) :]
    assert tokenizer.decode(found) == goes_on


@pytest.fixture
def allowed(monkeypatch):
    for name in ("GPTLAB_OFFLINE", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.network
@pytest.mark.parametrize("source", gpt_download.SOURCES)
def test_the_real_one_says_what_openais_says(allowed, source):
    pytest.importorskip(source, reason=f"{source} reads this form of the weights")
    folder = data.cache() / "gpt2"
    try:
        loaded = gpt_download.download_and_load_gpt2("124M", folder, source=source)
    except gpt_download.DownloadError as error:
        pytest.fail(str(error), pytrace=False)
    model = model_of(*loaded)
    assert continued(model, THE_DOG[:2], len(THE_DOG) - 2) == THE_DOG
    assert_says(model, tokenizers.gpt2(), TURING, TURING_GOES_ON)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    safetensors = pytest.importorskip("safetensors.numpy", reason="writes the hub's form")
    folder = tmp_path_factory.mktemp("gpt2")
    (folder / "tiny").mkdir()
    safetensors.save_file(tiny.state(), folder / "tiny" / gpt_download.SAFETENSORS_FILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(gpt_download.MODELS, "tiny", gpt_download.Model(tiny.hparams()))
        return gpt_download.download_and_load_gpt2("tiny", folder, source="safetensors")


def test_the_same_steps_with_the_tiny_one(loaded):
    model, tokenizer = model_of(*loaded), tiny.tokenizer()
    assert tokenizer.encode("ROMEO:\n") == ROMEO
    assert continued(model, ROMEO, len(ROMEO_GOES_ON)) == ROMEO + ROMEO_GOES_ON
    assert_says(model, tokenizer, "ROMEO:\n", tokenizer.decode(ROMEO_GOES_ON))
    # The ids above are NumPy's too, which shares no line with the class.
    n_head = tiny.hparams()["n_head"]
    found = numpy_gpt.generate(ROMEO, tiny.params(), n_head, len(ROMEO_GOES_ON), quiet=True)
    assert found == ROMEO + ROMEO_GOES_ON


def test_the_same_steps_find_a_wrong_weight(loaded):
    settings, params = loaded
    wrong = model_of(settings, params | {"wpe": params["wpe"][::-1].copy()})
    assert continued(wrong, ROMEO, len(ROMEO_GOES_ON)) != ROMEO + ROMEO_GOES_ON
    with pytest.raises(AssertionError):
        assert_says(wrong, tiny.tokenizer(), "ROMEO:\n", tiny.tokenizer().decode(ROMEO_GOES_ON))
