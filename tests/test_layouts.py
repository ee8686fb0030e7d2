"""gptlab.weights: every layout leads to every other, and each fault is named in its own words."""

from __future__ import annotations

import copy
import re
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from gptlab import gpt, gpt_layout, nano, numpy_gpt, torch_layouts, tree, weights

V, T, C, H, L = 29, 12, 32, 4, 3
LAYOUTS = list(weights.LAYOUTS)


@pytest.fixture(scope="module")
def middle() -> weights.Tree:
    """Weights by chance: gains are not 1, biases not 0."""
    chance = np.random.default_rng(0)
    shapes = tree.shapes_by_place(V, T, C, L)
    return tree.from_places(
        {place: 0.3 * chance.standard_normal(shape, np.float32) + (place[-1] == "g")
         for place, shape in shapes.items()}, L)  # fmt: skip


@pytest.fixture
def made(middle) -> dict[str, dict[str, Any]]:
    """The same in every layout, free to be changed."""
    return {name: copy.deepcopy(weights.convert(middle, "numpy_gpt", name)) for name in LAYOUTS}


def leaves(state: Any) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in tree.flat(state).items()}


def changed(state: Any, path: str, change: Any) -> Any:
    """A state in which one leaf is changed; left out where that gives None."""
    at, keys = state, path.split("/") if "blocks" in state or "wte" in state else [path]
    for key in keys[:-1]:
        at = at[int(key)] if isinstance(at, list) else at[key]
    value = change(at.pop(keys[-1]))
    if value is not None:
        at[keys[-1]] = value
    return state


@pytest.mark.parametrize(("source", "target"), list(product(LAYOUTS, LAYOUTS)))
def test_every_layout_leads_to_every_other(made, source, target):
    found = weights.convert(made[source], source, target)
    one, other = leaves(found), leaves(made[target])
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)
        assert value.dtype == np.float32
    kinds = {type(value) for value in tree.flat(found).values()}
    assert kinds == {torch.Tensor if target in ("GPTModel", "nanoGPT") else np.ndarray}


def test_the_layouts_of_torch_fill_their_models(made):
    cfg = {"vocab_size": V, "context_length": T, "emb_dim": C, "n_heads": H, "n_layers": L,
           "drop_rate": 0.0, "qkv_bias": True}  # fmt: skip
    ours, of_nano = gpt.GPTModel(cfg).eval(), nano.GPT(nano.GPTConfig(T, V, L, H, C)).eval()
    ours.load_state_dict(made["GPTModel"])
    of_nano.load_state_dict(made["nanoGPT"])
    idx = torch.randint(V, (2, 7), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = [ours(idx)[0], of_nano(idx, idx)[0][0]]
    expected = numpy_gpt.gpt2(idx[0].tolist(), **made["numpy_gpt"], n_head=H)
    for scores in found:
        np.testing.assert_allclose(scores.numpy(), expected, rtol=0, atol=1e-4)
    for model, name in ((ours, "GPTModel"), (of_nano, "nanoGPT")):
        for place, value in leaves(weights.convert(model.state_dict(), name, "numpy_gpt")).items():
            np.testing.assert_array_equal(value, leaves(made["numpy_gpt"])[place])


def test_what_torch_gets_is_laid_out_for_it_and_its_own(made):
    for name in ("GPTModel", "nanoGPT"):
        state = weights.convert(made["numpy_gpt"], "numpy_gpt", name)
        assert all(value.is_contiguous() for value in state.values())
        next(iter(state.values())).zero_()
        assert made["numpy_gpt"]["wte"].any()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_tensor_that_is_missing_is_named(made, layout):
    """Whichever it is; the head alone may be missing, since it is the table of tokens."""
    for name in leaves(made[layout]):
        if "head" in name:
            continue
        state = changed(copy.deepcopy(made[layout]), name, lambda _: None)
        with pytest.raises(weights.WeightsError) as caught:
            weights.convert(state, layout, "numpy_gpt")
        assert re.search(rf"weights lack {re.escape(name)}$", str(caught.value)), name


FAULTS = {
    "shape": (lambda v: v[..., :-1], r"shape \((.*)\), expected \(.*\)$"),
    "the other way round": (lambda v: v.swapaxes(-1, -2), r"shape \(.*\), expected \(.*\)$"),
    "an axis more": (lambda v: v[None, None], r"shape \(1, 1, .*\), expected \(.*\)$"),
    "a number": (lambda v: v.reshape(-1)[0], r"shape \(\), expected \(.*\)$"),
    "NaN": (lambda v: v * np.float32("nan"), "3,072 of its numbers are NaN or infinite"),
    "integers": (lambda v: np.asarray(v).astype(np.int64), "type int64, expected floating-point"),
    "text": (lambda v: "c_attn", "type <U6, expected floating-point"),
    "an object": (lambda v: slice(3), "type object, expected floating-point"),
}
C_ATTN = {
    "OpenAI": "model/h1/attn/c_attn/w", "Hugging Face": "h.1.attn.c_attn.weight",
    "numpy_gpt": "blocks/1/attn/c_attn/w", "GPTModel": "trf_blocks.1.ff.layers.0.weight",
    "nanoGPT": "transformer.h.1.attn.c_attn.weight", "the book": "blocks/1/attn/c_attn/w",
}  # fmt: skip


@pytest.mark.parametrize(("layout", "fault"), list(product(LAYOUTS, FAULTS)))
def test_each_kind_of_fault_is_named(made, layout, fault):
    change, said = FAULTS[fault]
    if layout == "GPTModel":
        said = said.replace("3,072", "4,096")
    state = changed(made[layout], C_ATTN[layout], change)
    with pytest.raises(weights.WeightsError, match=f"{re.escape(C_ATTN[layout])}: {said}"):
        weights.convert(state, layout, "numpy_gpt")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_left_over_is_named(made, layout):
    for name in ("extra", "transformer.h.0.attn.rotary", "model/h0/attn/extra"):
        with pytest.raises(weights.WeightsError, match=f"no GPT-2 of 3 layers has.*{name}$"):
            weights.convert(made[layout] | {name: np.zeros(3)}, layout, "numpy_gpt")


def test_rows_of_two_lengths_are_no_array(made):
    with pytest.raises(weights.WeightsError, match="model/wte: no array of numbers"):
        weights.from_openai(made["OpenAI"] | {"model/wte": [[1.0], [2.0, 3.0]]})


def test_one_number_that_is_not_finite_is_enough(made):
    value = made["OpenAI"]["model/wpe"].copy()
    value[3, 5] = np.inf
    made["OpenAI"]["model/wpe"] = value
    with pytest.raises(weights.WeightsError, match="model/wpe: 1 of its numbers are NaN"):
        weights.from_openai(made["OpenAI"])
    value[3, 5] = 0
    value[:] = np.finfo(np.float32).max / 2  # their sum is no float32, and they are fine
    weights.from_openai(made["OpenAI"])


@pytest.mark.parametrize("target", LAYOUTS)
def test_a_tree_that_is_none_is_refused_on_the_way_out(middle, target):
    cut = {**middle, "ln_f": {"g": middle["ln_f"]["g"]}}
    with pytest.raises(weights.WeightsError, match=r"lack ln_f/b$"):
        weights.convert(cut, "numpy_gpt", target)
    way = weights._way("to", target)
    with pytest.raises(weights.WeightsError, match=r"wpe: shape \(12, 31\), expected \(12, 32\)"):
        way({**middle, "wpe": middle["wpe"][:, 1:]})


def test_other_types_of_float_become_float32(made):
    small = {name: value.astype(np.float16) for name, value in made["OpenAI"].items()}
    large = {name: value.astype(np.float64) for name, value in made["OpenAI"].items()}
    brain = {name: value.bfloat16() for name, value in made["nanoGPT"].items()}
    assert weights.from_openai(small)["wte"].dtype == np.float32
    np.testing.assert_array_equal(weights.from_openai(large)["wte"], made["numpy_gpt"]["wte"])
    found = torch_layouts.from_nano(brain)["wte"]
    assert found.dtype == np.float32 and abs(found - made["numpy_gpt"]["wte"]).max() < 0.01


def test_a_layout_that_is_none():
    with pytest.raises(weights.WeightsError, match="no layout 'llama'; there are: OpenAI, Hugging"):
        weights.convert({}, "OpenAI", "llama")


def test_openais_axis_in_front_may_be_dropped(made):
    dropped = {name: np.squeeze(value) for name, value in made["OpenAI"].items()}
    for place, value in leaves(weights.from_openai(dropped)).items():
        np.testing.assert_array_equal(value, leaves(made["numpy_gpt"])[place])


# Hugging Face's and torch's own ways


def test_names_with_a_prefix_or_without_but_not_both(made):
    full = torch_layouts.to_huggingface(made["numpy_gpt"], head=True)
    assert "lm_head.weight" in full and "transformer.h.0.ln_1.weight" in full
    assert torch_layouts.from_huggingface(full).keys() == made["numpy_gpt"].keys()
    mixed = full | {"wte.weight": full["transformer.wte.weight"] + 1}
    with pytest.raises(weights.WeightsError, match=r"has.* wte\.weight$"):
        torch_layouts.from_huggingface(mixed)


def test_masks_are_no_weights_in_a_layer_that_is_there(made):
    masks = {"h.0.attn.bias": np.tril(np.ones((1, 1, T, T), bool)), "h.2.attn.masked_bias": -1e4}
    torch_layouts.from_huggingface(made["Hugging Face"] | masks)
    with pytest.raises(weights.WeightsError, match=r"has.* h\.7\.attn\.bias$"):
        torch_layouts.from_huggingface(made["Hugging Face"] | {"h.7.attn.bias": np.ones(3)})
    of_lab_6 = {"trf_blocks.1.att.mask": torch.ones(T, T).triu(1)}
    gpt_layout.from_gpt(made["GPTModel"] | of_lab_6)


@pytest.mark.parametrize(
    ("layout", "head", "table"),
    [("Hugging Face", "lm_head.weight", "wte.weight"),
     ("nanoGPT", "lm_head.weight", "transformer.wte.weight"),
     ("GPTModel", "out_head.weight", "tok_emb.weight")],
)  # fmt: skip
def test_an_untied_head_is_refused_and_a_missing_one_is_not(made, layout, head, table):
    state = made[layout]
    weights.convert({k: v for k, v in state.items() if k != head}, layout, "OpenAI")
    other = np.asarray(state[table]).copy()
    weights.convert(state | {head: other}, layout, "OpenAI")  # equal, in a memory of its own
    other[2, 3] += 1e-6
    for wrong in (other, other[:, 1:]):
        with pytest.raises(weights.WeightsError, match=f"{head} differs from {table}: GPT-2's hea"):
            weights.convert(state | {head: wrong}, layout, "OpenAI")


def test_a_model_without_biases_is_known_by_it(made):
    for layout, ends in (("nanoGPT", ".bias"), ("GPTModel", "W_key.bias")):
        state = {name: value for name, value in made[layout].items() if not name.endswith(ends)}
        with pytest.raises(weights.WeightsError, match="is it a model without biases"):
            weights.convert(state, layout, "numpy_gpt")


def test_a_third_of_another_shape_is_named(made):
    for kind in ("W_query", "W_key", "W_value"):
        for ending, wrong in (("weight", (C, 2 * C)), ("bias", (3 * C,))):
            name = f"trf_blocks.2.att.{kind}.{ending}"
            state = made["GPTModel"] | {name: torch.zeros(wrong)}
            with pytest.raises(
                weights.WeightsError, match=rf"{name}: shape .*{wrong[-1]},?\), exp"
            ):
                gpt_layout.from_gpt(state)


def test_the_square_matrix_the_wrong_way_round_has_no_wrong_shape(made):
    """What no check of shapes can see, and every comparison of scores does."""
    turned = {name: value.swapaxes(1, 2) if "attn/c_proj/w" in name else value
              for name, value in made["OpenAI"].items()}  # fmt: skip
    found = weights.from_openai(turned)
    ids = [3, 1, 4, 1, 5]
    apart = numpy_gpt.gpt2(ids, **found, n_head=H) - numpy_gpt.gpt2(
        ids, **made["numpy_gpt"], n_head=H)  # fmt: skip
    assert abs(apart).max() > 0.1
