"""gptlab.bigram: each part against arithmetic, torch or a plain loop."""

import math

import pytest
import torch
from torch.nn import functional as F

from gptlab import bigram, play

TEXT = play.write(20_000, seed=7)


@pytest.fixture(autouse=True)
def one_thread():
    """Tensors this small are slower on two threads, much slower on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def ids():
    _, stoi = bigram.build_vocabulary(TEXT)
    return torch.tensor(bigram.encode(TEXT, stoi))


def test_vocabulary_is_sorted_and_numbers_each_character_by_its_place():
    chars, stoi = bigram.build_vocabulary("mississippi")
    assert chars == ["i", "m", "p", "s"]
    assert [stoi[ch] for ch in chars] == [0, 1, 2, 3]


def test_decode_undoes_encode():
    chars, stoi = bigram.build_vocabulary(TEXT)
    assert bigram.decode(bigram.encode(TEXT, stoi), chars) == TEXT


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.9, 1.0])
def test_split_loses_nothing_and_keeps_the_order(fraction):
    data = torch.arange(37)
    train, val = bigram.split_data(data, fraction)
    assert len(train) == int(37 * fraction)
    assert torch.cat((train, val)).equal(data)


def test_tasks_of_a_window():
    tasks = bigram.prediction_tasks(torch.tensor([5, 6, 7]), torch.tensor([6, 7, 8]))
    assert tasks == [([5], 6), ([5, 6], 7), ([5, 6, 7], 8)]


def test_batches_are_neighbours_and_every_start_is_drawn():
    generator = torch.Generator().manual_seed(0)
    starts = set()
    for _ in range(200):
        x, y = bigram.get_batch(torch.arange(10), 3, 4, generator)
        assert x.shape == y.shape == (4, 3) and x.dtype == y.dtype == torch.int64
        assert y.equal(x + 1) and x.equal(x[:, :1] + torch.arange(3))
        starts |= set(x[:, 0].tolist())
    assert starts == set(range(7))


def test_batch_is_the_one_of_the_lecture():
    # Karpathy stacks slices; the same draws must give the same windows
    data = torch.arange(1000) % 13
    torch.manual_seed(1337)
    x, _ = bigram.get_batch(data, 8, 4)
    torch.manual_seed(1337)
    starts = torch.randint(len(data) - 8, (4,))
    assert x.equal(torch.stack([data[i : i + 8] for i in starts]))


def test_batch_of_a_text_that_is_too_short_says_how_long_it_must_be():
    with pytest.raises(ValueError, match="at least 9 characters"):
        bigram.get_batch(torch.arange(8), 8, 4)


def test_counts_equal_a_plain_loop(ids):
    V = int(ids.max()) + 1
    counts = [[0] * V for _ in range(V)]
    for a, b in zip(ids.tolist(), ids[1:].tolist(), strict=False):
        counts[a][b] += 1
    assert bigram.count_pairs(ids, V).equal(torch.tensor(counts))


def test_probabilities_sum_to_one_and_are_never_zero(ids):
    probs = bigram.pair_probabilities(bigram.count_pairs(ids, 65))
    assert probs.shape == (65, 65) and probs.dtype == torch.float32
    assert probs.sum(dim=1).allclose(torch.ones(65)) and probs.min() > 0


def test_loss_of_abba_by_hand():
    probs = torch.tensor([[1 / 3, 2 / 3], [1 / 2, 1 / 2]])
    expected = (math.log(3 / 2) + 2 * math.log(2)) / 3
    assert bigram.bigram_loss(probs, torch.tensor([0, 1, 1, 0])) == pytest.approx(expected)


def test_a_table_of_log_counts_has_the_loss_of_the_counted_bigram(ids):
    counts = bigram.count_pairs(ids, 65)
    model = bigram.BigramLanguageModel(65)
    model.token_embedding_table.weight.data = (counts + 1).float().log()
    _, loss = model(ids[None, :-1], ids[None, 1:])
    counted = bigram.bigram_loss(bigram.pair_probabilities(counts), ids)
    assert loss.item() == pytest.approx(counted, abs=1e-5)


def test_logits_keep_their_axes_without_targets_and_are_flattened_with_them():
    model = bigram.BigramLanguageModel(5)
    idx = torch.tensor([[0, 1, 4], [2, 2, 3]])
    logits, loss = model(idx)
    assert logits.shape == (2, 3, 5) and loss is None
    flat, loss = model(idx, idx.flip(0))
    assert flat.equal(logits.reshape(6, 5))
    assert loss.equal(F.cross_entropy(flat, idx.flip(0).reshape(6)))


def test_generate_follows_the_table_from_the_last_character():
    model = bigram.BigramLanguageModel(3)
    model.token_embedding_table.weight.data = torch.eye(3).roll(1, dims=1) * 100  # 0 1 2 0 1 2
    idx = torch.tensor([[2, 0], [0, 1]])
    assert model.generate(idx, 4).tolist() == [[2, 0, 1, 2, 0, 1], [0, 1, 2, 0, 1, 2]]
    assert idx.shape == (2, 2) and model.generate(idx, 0).equal(idx)


def test_generate_draws_in_proportion():
    model = bigram.BigramLanguageModel(2)
    model.token_embedding_table.weight.data = torch.tensor([[1.0, 3.0], [1.0, 3.0]]).log()
    generator = torch.Generator().manual_seed(1)
    drawn = bigram.generate(model, torch.zeros(4000, 1, dtype=torch.long), 1, generator)[:, 1]
    assert drawn.float().mean().item() == pytest.approx(0.75, abs=0.03)


def test_a_step_is_the_one_worked_by_hand():
    model = bigram.BigramLanguageModel(2)
    torch.nn.init.zeros_(model.token_embedding_table.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    batch = torch.tensor([[0]]), torch.tensor([[1]])
    assert bigram.train_step(model, optimizer, *batch) == pytest.approx(math.log(2))
    expected = torch.tensor([[-0.5, 0.5], [0.0, 0.0]])
    assert model.token_embedding_table.weight.detach().allclose(expected)
    after = math.log1p(math.exp(-1))
    assert bigram.train_step(model, optimizer, *batch) == pytest.approx(after)


def test_training_ends_just_above_the_best_that_any_table_can_do(ids):
    """The frequencies are the minimum; measured 0.018 to 0.022 above it over eight seeds."""
    torch.manual_seed(1337)
    model = bigram.BigramLanguageModel(65)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    for _ in range(300):
        bigram.train_step(model, optimizer, *bigram.get_batch(ids, 32, 32))
    trained = F.softmax(model.token_embedding_table.weight.detach(), dim=1)
    counts = bigram.count_pairs(ids, 65).float()
    best = bigram.bigram_loss(counts / counts.sum(dim=1, keepdim=True), ids)
    assert best < bigram.bigram_loss(trained, ids) < best + 0.05


def test_estimate_is_a_mean_in_evaluation_mode_and_leaves_no_trace():
    seen = []

    class Model(torch.nn.Module):
        def forward(self, x, y):
            seen.append((self.training, torch.is_grad_enabled()))
            return None, x.float().mean()

    batches = {"train": iter((1, 2, 6)), "val": iter((4, 5, 9))}
    model = Model()
    found = bigram.estimate_loss(model, lambda s: (torch.tensor(next(batches[s])), None), 3)
    assert found == {"train": 3.0, "val": 6.0}
    assert set(seen) == {(False, False)} and model.training


def test_chance_missed_agrees_with_all_cases_of_two_windows():
    # 10 characters, windows of 2, starts 0 to 7; character 5 is an input of starts 4 and 5
    missed = [5 not in (a, a + 1, b, b + 1) for a in range(8) for b in range(8)]
    assert bigram.chance_missed(2, 2, 10) == pytest.approx(sum(missed) / 64)


def test_a_whole_run_by_hand():
    train, val = bigram.run_bigram("ab" * 9 + "bb")
    assert train == pytest.approx(-(9 * math.log(10 / 11) + 8 * math.log(9 / 10)) / 17)
    assert val == pytest.approx(math.log(10))


def test_first_loss_of_an_embedding_is_half_a_nat_over_uniform():
    """Logits of standard deviation 1: ln V + 1/2 in the mean over many tables."""
    torch.manual_seed(0)
    idx = torch.randint(65, (8, 64))
    losses = [bigram.BigramLanguageModel(65)(idx, idx.roll(1, 1))[1].item() for _ in range(40)]
    assert sum(losses) / 40 == pytest.approx(math.log(65) + 0.5, abs=0.06)
