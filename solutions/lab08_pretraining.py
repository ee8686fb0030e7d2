# %% [markdown]
# # Lab 8 · Pretraining

# %%
import math

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from gptlab import data, steps, tiny
from gptlab.checks import lab08_pretraining as check
from gptlab.gpt import GPTModel, generate_text_simple

# %%
tokenizer = tiny.tokenizer()

# %% answer="token_ids" level=1 minutes=5
def text_to_token_ids(text, tokenizer):
    """A batch of one text: ids, (1, T), int64. <|endoftext|> is one token."""
    ### BEGIN SOLUTION
    ids = tokenizer.encode(text, allowed_special={"<|endoftext|>"})
    return torch.tensor(ids).unsqueeze(0)
    ### END SOLUTION


def token_ids_to_text(token_ids, tokenizer):
    """The text of a batch of one: token_ids is (1, T)."""
    ### BEGIN SOLUTION
    return tokenizer.decode(token_ids.squeeze(0).tolist())
    ### END SOLUTION

# %% grade="token_ids" points=1
check.token_ids(text_to_token_ids, token_ids_to_text)

# %% answer="dataset" level=2 minutes=10
class GPTDatasetV1(Dataset):
    """Windows of a text, and the same windows one token later.

    Window i begins at token i * stride; only whole ones count. Item i: two
    tensors of ids, (max_length,), int64.
    """

    def __init__(self, txt, tokenizer, max_length, stride):
        self.input_ids = []
        self.target_ids = []
        ids = tokenizer.encode(txt, allowed_special={"<|endoftext|>"})
        ### BEGIN SOLUTION
        for start in range(0, len(ids) - max_length, stride):
            window = ids[start : start + max_length + 1]
            self.input_ids.append(torch.tensor(window[:-1]))
            self.target_ids.append(torch.tensor(window[1:]))
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.input_ids)
        ### END SOLUTION

    def __getitem__(self, idx):
        ### BEGIN SOLUTION
        return self.input_ids[idx], self.target_ids[idx]
        ### END SOLUTION

# %% grade="dataset" points=2
check.dataset(GPTDatasetV1)

# %% answer="dataloader" level=1 minutes=5
def create_dataloader_v1(
    txt, batch_size=4, max_length=256, stride=128,
    shuffle=True, drop_last=True, num_workers=0,
):
    """A DataLoader of the text's windows, with the global `tokenizer`.

    Its batches: two tensors of ids, (batch_size, max_length).
    """
    ### BEGIN SOLUTION
    windows = GPTDatasetV1(txt, tokenizer, max_length, stride)
    return DataLoader(
        windows, batch_size=batch_size, shuffle=shuffle,
        drop_last=drop_last, num_workers=num_workers,
    )
    ### END SOLUTION

# %% grade="dataloader" points=1
check.dataloader(create_dataloader_v1)

# %% answer="loaders" level=2 minutes=6
def make_loaders(txt, train_ratio, batch_size, max_length):
    """(train_loader, val_loader) of the first part of txt and of the rest.

    The text is cut at character int(train_ratio * len(txt)). Windows do not
    overlap. Training: shuffled, full batches only. Validation: in order, all.
    """
    ### BEGIN SOLUTION
    at = int(train_ratio * len(txt))
    train_loader = create_dataloader_v1(
        txt[:at], batch_size, max_length, stride=max_length,
    )
    val_loader = create_dataloader_v1(
        txt[at:], batch_size, max_length, stride=max_length,
        shuffle=False, drop_last=False,
    )
    return train_loader, val_loader
    ### END SOLUTION

# %% grade="loaders" points=1
check.loaders(make_loaders)

# %% answer="loss_batch" level=2 minutes=6
def calc_loss_batch(input_batch, target_batch, model, device):
    """The mean cross-entropy of a batch, nats per token: a scalar tensor.

    input_batch, target_batch: (B, T) ids. model: gives scores, (B, T, V)
    """
    ### BEGIN SOLUTION
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)  # (B, T, V)
    return F.cross_entropy(logits.flatten(0, 1), target_batch.flatten())
    ### END SOLUTION

# %% grade="loss_batch" points=1
check.loss_batch(calc_loss_batch)

# %% answer="loss_loader" level=2 minutes=10
def calc_loss_loader(data_loader, model, device, num_batches=None):
    """The mean loss over all tokens of the first num_batches batches: a float.

    None: all batches. A smaller last batch counts for less. nan without any.
    """
    ### BEGIN SOLUTION
    total, tokens = 0.0, 0
    for i, (xb, yb) in enumerate(data_loader):
        if i == num_batches:
            break
        loss = calc_loss_batch(xb, yb, model, device)
        total += loss.item() * yb.numel()
        tokens += yb.numel()
    return total / tokens if tokens else float("nan")
    ### END SOLUTION

# %% grade="loss_loader" points=2
check.loss_loader(calc_loss_loader)

# %% answer="perplexity" level=1 minutes=3
def perplexity(loss):
    """Among how many equally likely tokens one would have to choose.

    loss: nats per token, a float. returns: a float
    """
    ### BEGIN SOLUTION
    return math.exp(loss)
    ### END SOLUTION

# %% grade="perplexity" points=1
check.perplexity(perplexity)

# %% answer="evaluate" level=1 minutes=5
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    """(train_loss, val_loss), of eval_iter batches each, without dropout.

    No graph is recorded. Afterwards the model is ready to train again.
    """
    ### BEGIN SOLUTION
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss
    ### END SOLUTION

# %% grade="evaluate" points=1
check.evaluate(evaluate_model)

# %% answer="train_step" level=2 minutes=8
def train_step(model, optimizer, xb, yb, max_norm=None):
    """Learn from one batch, (B, T) ids each; its loss before that, a float.

    max_norm: if given, all gradients together are made no longer than this.
    """
    device = next(model.parameters()).device
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = calc_loss_batch(xb, yb, model, device)
    loss.backward()
    if max_norm is not None:
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()
    ### END SOLUTION

# %% grade="train_step" points=2
check.train_step(train_step)

# %% answer="train" level=3 minutes=12
def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs,
    eval_freq, eval_iter, start_context, tokenizer,
):
    """Go num_epochs times through the training data, one step a batch.

    Look at both losses after step 0, and after every eval_freq-th from there
    (steps are counted on through all epochs). After each epoch call
    print_sample(model, tokenizer, device, start_context).
    returns: train_losses, val_losses, tokens_seen: a list each, with one
    entry a look; tokens_seen: how many tokens train_step had been given
    """
    train_losses, val_losses, tokens_seen = [], [], []
    ### BEGIN SOLUTION
    tokens, step = 0, 0
    for epoch in range(num_epochs):
        model.train()
        for xb, yb in train_loader:
            train_step(model, optimizer, xb, yb)
            tokens += xb.numel()
            if step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(
                    model, train_loader, val_loader, device, eval_iter,
                )
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                tokens_seen.append(tokens)
            step += 1
        print_sample(model, tokenizer, device, start_context)
    ### END SOLUTION
    return train_losses, val_losses, tokens_seen

# %% grade="train" points=1
check.train(train_model_simple)

# %% answer="plot" level=1 minutes=8
def plot_losses(epochs_seen, tokens_seen, train_losses, val_losses):
    """Both losses over the epochs, below; tokens seen, above; loss-plot.pdf.

    Four lists of the same length. The file is written where you are.
    """
    fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
    ### BEGIN SOLUTION
    ax.plot(epochs_seen, train_losses, label="training")
    ax.plot(epochs_seen, val_losses, "--", label="validation")
    ax.set_xlabel("epochs")
    ax.set_ylabel("loss, nats per token")
    ax.legend()
    above = ax.twiny()
    above.plot(tokens_seen, train_losses, alpha=0)  # unseen: sets the scale
    above.set_xlabel("tokens seen")
    fig.savefig("loss-plot.pdf")
    ### END SOLUTION
    plt.show()

# %% grade="plot" points=1
check.plot(plot_losses)

# %% answer="groups" level=2 minutes=6
def optimizer_groups(model, weight_decay):
    """Two groups for AdamW, as a list of two dicts: params, weight_decay.

    First the matrices (and tables), which decay; then all with one axis
    (biases; scale and shift of the norms), which do not.
    """
    ### BEGIN SOLUTION
    params = list(model.parameters())
    return [
        {"params": [p for p in params if p.dim() >= 2],
         "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2],
         "weight_decay": 0.0},
    ]
    ### END SOLUTION

# %% grade="groups" points=1
check.groups(optimizer_groups)

# %% answer="schedule" level=2 minutes=10
def learning_rate_at(step, warmup_steps, total_steps, peak_lr, min_lr):
    """The learning rate of a step; steps count from 0.

    Before warmup_steps: peak_lr * (step + 1) / (warmup_steps + 1). From there
    half a cosine, from peak_lr down to min_lr at total_steps; min_lr after.
    """
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return peak_lr * (step + 1) / (warmup_steps + 1)
    if step >= total_steps:
        return min_lr
    share = (step - warmup_steps) / (total_steps - warmup_steps)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * share)) / 2
    ### END SOLUTION

# %% grade="schedule" points=2
check.schedule(learning_rate_at)

# %% answer="checkpoint" level=2 minutes=10
def save_checkpoint(path, model, optimizer, progress):
    """Write to path all that decides what comes next, by torch.save.

    A dict: "model" and "optimizer", their state_dict; "random",
    torch.get_rng_state(); "progress", a dict of numbers, as it is.
    """
    ### BEGIN SOLUTION
    torch.save({
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "progress": progress,
    }, path)
    ### END SOLUTION


def load_checkpoint(path, model, optimizer):
    """Put all of it back as it was when it was saved; the progress.

    Read it with weights_only=True: a file can then run no code.
    """
    ### BEGIN SOLUTION
    whole = torch.load(path, weights_only=True)
    model.load_state_dict(whole["model"])
    optimizer.load_state_dict(whole["optimizer"])
    torch.set_rng_state(whole["random"])
    return whole["progress"]
    ### END SOLUTION

# %% grade="checkpoint" points=1
check.checkpoint(save_checkpoint, load_checkpoint)
