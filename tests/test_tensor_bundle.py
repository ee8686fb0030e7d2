"""gptlab.tensor_bundle, against TensorFlow's own writer and reader."""

from __future__ import annotations

import os

import numpy as np
import pytest

from gptlab import tensor_bundle

pytestmark = pytest.mark.slow  # TensorFlow takes its seconds to load

SHAPES = {
    "model/wte": (40, 6), "model/ln_f/g": (6,), "step": (), "model/empty": (0, 3),
    **{f"model/h{i}/attn/c_attn/w": (1, 6, 18) for i in range(30)},
}  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """(prefix, variables) as OpenAI saved them: by TensorFlow's version 1 Saver."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tf = pytest.importorskip("tensorflow").compat.v1
    chance = np.random.default_rng(0)
    values = {name: chance.standard_normal(shape).astype("f") for name, shape in SHAPES.items()}
    values["count"] = np.arange(5, dtype=np.int64)
    prefix = str(tmp_path_factory.mktemp("tf") / "model.ckpt")
    with tf.Graph().as_default(), tf.Session() as session:
        for name, value in values.items():
            tf.get_variable(name, initializer=value)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, prefix)
    return prefix, values


def test_every_variable_comes_back(checkpoint):
    prefix, values = checkpoint
    found = tensor_bundle.read(prefix)
    assert set(found) == set(values)
    for name, value in values.items():
        assert found[name].dtype == value.dtype, name
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def copied(checkpoint, folder, index=lambda raw: raw, data=lambda raw: raw):
    """A copy with its two files changed."""
    for end, change in ((".index", index), (".data-00000-of-00001", data)):
        with open(checkpoint[0] + end, "rb") as file:
            (folder / f"model.ckpt{end}").write_bytes(change(file.read()))
    return folder / "model.ckpt"


def test_what_is_no_checkpoint_is_refused(checkpoint, tmp_path):
    with pytest.raises(tensor_bundle.BundleError, match=r"there is no .*other\.ckpt\.index"):
        tensor_bundle.read(tmp_path / "other.ckpt")
    cut = copied(checkpoint, tmp_path, data=lambda raw: raw[:-8])
    with pytest.raises(tensor_bundle.BundleError, match="Was the file cut"):
        tensor_bundle.read(cut)
    for index in (lambda raw: raw[:-9], lambda raw: b"", lambda raw: b"<html>" * 20):
        with pytest.raises(tensor_bundle.BundleError, match="is no index of a TensorFlow"):
            tensor_bundle.read(copied(checkpoint, tmp_path, index=index))


def test_a_compressed_index_says_what_to_do(checkpoint, tmp_path):
    def compressed(raw):
        # the byte behind a block says how it is stored, its checksum comes after; the index block's
        # handle is the second of the footer
        footer, at = raw[-tensor_bundle.FOOTER :], 0
        for _ in range(2):
            _, at = tensor_bundle._varint(footer, at)
        offset, size = tensor_bundle._handle(footer, at)
        block = raw[offset : offset + size] + b"\x01"
        checksum = tensor_bundle._checksum(block).to_bytes(4, "little")
        return raw[:offset] + block + checksum + raw[offset + size + 5 :]

    with pytest.raises(
        tensor_bundle.BundleError, match=r"compressed; read .* with TensorFlow"
    ):
        tensor_bundle.read(copied(checkpoint, tmp_path, index=compressed))


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_index_never_gives_other_numbers(checkpoint, tmp_path, seed):
    chance = np.random.default_rng(seed)

    def damaged(raw):
        at = int(chance.integers(len(raw)))
        return raw[:at] + bytes([raw[at] ^ int(chance.integers(1, 256))]) + raw[at + 1 :]

    try:
        found = tensor_bundle.read(copied(checkpoint, tmp_path, index=damaged))
    except tensor_bundle.BundleError as error:
        assert "is no index of a TensorFlow checkpoint" in str(error)
        return
    for name, value in checkpoint[1].items():  # it was padding, or a part that nobody reads
        np.testing.assert_array_equal(found[name], value, err_msg=name)
