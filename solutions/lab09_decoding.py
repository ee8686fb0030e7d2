# %% [markdown]
# # Lab 9 · Decoding

# %%
import matplotlib.pyplot as plt
import torch

from gptlab import steps, tiny
from gptlab.checks import lab09_decoding as check
from gptlab.gpt import GPTModel
from gptlab.pretraining import text_to_token_ids, token_ids_to_text

# %% answer="probabilities" level=1 minutes=6
def probabilities(logits, temperature):
    """What each token's odds are: (B, V) scores -> (B, V), rows sum to 1.

    temperature: below 1 sharper, above 1 flatter; 0: 1 for the likeliest
    token (the first one of equals), 0 for the others.
    """
    ### BEGIN SOLUTION
    if temperature == 0:
        best = logits.argmax(dim=-1, keepdim=True)  # (B, 1)
        return torch.zeros_like(logits).scatter(-1, best, 1.0)
    return torch.softmax(logits / temperature, dim=-1)
    ### END SOLUTION

# %% grade="probabilities" points=2
check.probabilities(probabilities)

# %% answer="top_k" level=2 minutes=6
def top_k_only(logits, top_k):
    """(B, V) scores, with all but the top_k largest of each row at -inf.

    A top_k of more than V keeps all.
    """
    ### BEGIN SOLUTION
    top_k = min(top_k, logits.shape[-1])
    least = torch.topk(logits, top_k).values[:, -1:]  # (B, 1)
    return torch.where(logits < least, -torch.inf, logits)
    ### END SOLUTION

# %% grade="top_k" points=2
check.top_k(top_k_only)

# %% answer="top_p" level=3 minutes=15
def top_p_only(logits, top_p):
    """(B, V) scores, with all but the likeliest tokens at -inf.

    Kept, in each row: the likeliest, then the next, … until their odds
    together reach top_p; the one that reaches it is kept too.
    """
    ### BEGIN SOLUTION
    ordered, place = logits.sort(dim=-1, descending=True)  # (B, V) both
    probs = torch.softmax(ordered, dim=-1)
    before = probs.cumsum(dim=-1) - probs  # the odds of those that come first
    ordered = torch.where(before >= top_p, -torch.inf, ordered)
    return torch.empty_like(logits).scatter(-1, place, ordered)
    ### END SOLUTION

# %% grade="top_p" points=3
check.top_p(top_p_only)

# %% answer="penalty" level=2 minutes=8
def repetition_penalty(logits, idx, penalty):
    """(B, V) scores, made smaller for the tokens that stand in idx, (B, T).

    In each row: a score above 0 is divided by penalty, one below 0 is
    multiplied by it; once, however often the token stands there.
    """
    ### BEGIN SOLUTION
    found = logits.gather(-1, idx)  # (B, T)
    found = torch.where(found > 0, found / penalty, found * penalty)
    return logits.scatter(-1, idx, found)
    ### END SOLUTION

# %% grade="penalty" points=2
check.penalty(repetition_penalty)

# %% answer="choose" level=2 minutes=8
def choose(logits, temperature=0.0, top_k=None, top_p=None, generator=None):
    """A token for each row: (B, V) scores -> (B, 1) ids.

    Temperature 0: the likeliest. Else temperature, then top_k, then top_p,
    then draw from what is left, with this generator.
    """
    ### BEGIN SOLUTION
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    logits = logits / temperature
    if top_k is not None:
        logits = top_k_only(logits, top_k)
    if top_p is not None:
        logits = top_p_only(logits, top_p)
    probs = torch.softmax(logits, dim=-1)
    return torch.multinomial(probs, num_samples=1, generator=generator)
    ### END SOLUTION

# %% grade="choose" points=2
check.choose(choose)

# %% answer="generate" level=3 minutes=15
def generate(
    model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None,
    eos_id=None, top_p=None, generator=None, penalty=1.0,
):
    """Continue each row of idx, (B, T), by up to max_new_tokens tokens.

    The model reads the last context_size tokens, without a graph. A row that
    has drawn eos_id goes on with eos_id; when all rows have, that is the end,
    and the last row's eos_id is not added. penalty 1.0 changes nothing.
    """
    ### BEGIN SOLUTION
    ended = torch.zeros(len(idx), 1, dtype=torch.bool, device=idx.device)
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model(idx[:, -context_size:])[:, -1, :]  # (B, V)
        logits = repetition_penalty(logits, idx, penalty)
        new = choose(logits, temperature, top_k, top_p, generator)  # (B, 1)
        if eos_id is not None:
            ended = ended | (new == eos_id)
            if ended.all():
                break
            new = torch.where(ended, eos_id, new)
        idx = torch.cat((idx, new), dim=1)
    return idx
    ### END SOLUTION

# %% grade="generate" points=4
check.generate(generate)

# %% answer="distinct" level=1 minutes=6
def distinct_n(ids, n):
    """How many different n-grams, as a share of all that are in the list ids.

    1.0: none comes twice. 0.0 for a list shorter than n.
    """
    ### BEGIN SOLUTION
    grams = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0
    ### END SOLUTION

# %% grade="distinct" points=1
check.distinct(distinct_n)

# %% answer="log_prob" level=2 minutes=10
def mean_log_prob(model, idx, n_prompt):
    """How likely the model finds its own text: nats per token, (B,).

    idx: (B, T) ids, T at most the context; the first n_prompt are given.
    The mean, over the others, of the log-probability of each token, given
    all before it.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        log_probs = torch.log_softmax(model(idx), dim=-1)  # (B, T, V)
    found = log_probs[:, :-1].gather(-1, idx[:, 1:, None]).squeeze(-1)
    return found[:, n_prompt - 1 :].mean(dim=1)
    ### END SOLUTION

# %% grade="log_prob" points=2
check.log_prob(mean_log_prob)
