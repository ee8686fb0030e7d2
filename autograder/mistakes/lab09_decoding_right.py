"""Right answers of lab09_decoding in another form than the solution's."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "row by row",
    {
        "probabilities": """
        rows = []
        for row in logits:
            if temperature == 0:
                odds = torch.zeros(len(row))
                odds[row.argmax()] = 1
            else:
                powers = torch.exp((row - row.max()) / temperature)
                odds = powers / powers.sum()
            rows.append(odds)
        return torch.stack(rows)
    """,
        "top_k": """
        out = torch.full_like(logits, float("-inf"))
        for b, row in enumerate(logits):
            order = torch.argsort(row, descending=True)
            for v in order[:top_k]:
                out[b, v] = row[v]
        return out
    """,
        "top_p": """
        out = torch.full(logits.shape, -torch.inf)
        probs = torch.softmax(logits, dim=-1)
        for b in range(len(logits)):
            total = 0.0
            for v in torch.argsort(probs[b], descending=True).tolist():
                if total >= top_p:
                    break
                out[b, v] = logits[b, v]
                total += probs[b, v].item()
        return out
    """,
        "penalty": """
        out = logits.clone()
        for b in range(idx.shape[0]):
            for token in set(idx[b].tolist()):
                if out[b, token] > 0:
                    out[b, token] = out[b, token] / penalty
                else:
                    out[b, token] = out[b, token] * penalty
        return out
    """,
        "choose": """
        chosen = []
        for row in logits:
            row = row.unsqueeze(0)
            if temperature == 0:
                chosen.append(torch.argmax(row, dim=1))
                continue
            scaled = row / temperature
            if top_k is not None:
                scaled = top_k_only(logits=scaled, top_k=top_k)
            if top_p is not None:
                scaled = top_p_only(logits=scaled, top_p=top_p)
            odds = probabilities(scaled, 1.0)[0]
            chosen.append(torch.multinomial(odds, 1, generator=generator))
        return torch.stack(chosen)
    """,
        "generate": """
        ended = [False] * len(idx)
        text = idx.clone()
        while max_new_tokens > 0:
            max_new_tokens -= 1
            start = max(0, text.size(1) - context_size)
            with torch.no_grad():
                logits = model(text[:, start:])
            scores = logits[:, -1]
            if penalty != 1.0:
                scores = repetition_penalty(scores, text, penalty)
            new = choose(scores, temperature=temperature, top_k=top_k, top_p=top_p,
                         generator=generator)
            for b in range(len(new)):
                if ended[b]:
                    new[b] = eos_id
                elif eos_id is not None and new[b, 0] == eos_id:
                    ended[b] = True
            if all(ended):
                return text
            text = torch.cat([text, new], dim=-1)
        return text
    """,
        "distinct": """
        seen, total = [], 0
        for i in range(len(ids)):
            gram = ids[i : i + n]
            if len(gram) < n:
                continue
            total += 1
            if gram not in seen:
                seen.append(gram)
        if total == 0:
            return 0.0
        return len(seen) / total
    """,
        "log_prob": """
        result = []
        for row in idx:
            total, count = 0.0, 0
            for t in range(n_prompt, len(row)):
                with torch.no_grad():
                    logits = model(row[:t].unsqueeze(0))[0, -1]
                total += torch.log_softmax(logits, dim=0)[row[t]].item()
                count += 1
            result.append(total / count)
        return torch.tensor(result)
    """,
    },
)

SHORT = Right(
    "in few words",
    {
        "probabilities": """
        if not temperature:
            return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
        return (logits / temperature).softmax(-1)
    """,
        "top_k": """
        values, places = logits.topk(min(top_k, logits.size(-1)), dim=-1)
        return torch.full_like(logits, -torch.inf).scatter_(-1, places, values)
    """,
        "top_p": """
        sorted_logits, sorted_indices = torch.sort(logits, descending=True)
        cumulative = sorted_logits.softmax(-1).cumsum(-1)
        remove = cumulative > top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        return logits.masked_fill(remove.scatter(1, sorted_indices, remove), float("-inf"))
    """,
        "penalty": """
        seen = torch.nn.functional.one_hot(idx, logits.shape[-1]).sum(1).bool()
        return torch.where(seen, torch.minimum(logits / penalty, logits * penalty), logits)
    """,
        "choose": """
        if temperature == 0.0:
            return logits.max(dim=1, keepdim=True).indices
        logits = logits.div(temperature)
        logits = top_k_only(logits, top_k) if top_k else logits
        logits = top_p_only(logits, top_p) if top_p else logits
        return torch.multinomial(logits.softmax(1), 1, replacement=True, generator=generator)
    """,
        "generate": """
        with torch.inference_mode():
            out, done = idx, torch.zeros_like(idx[:, :1], dtype=torch.bool)
            for _ in range(max_new_tokens):
                scores = repetition_penalty(model(out[:, -context_size:])[:, -1], out, penalty)
                new = choose(scores, temperature, top_k, top_p, generator)
                if eos_id is not None:
                    new = new.masked_fill(done, eos_id)
                    done = new == eos_id
                    if done.all():
                        break
                out = torch.hstack((out, new))
        return out.clone()
    """,
        "distinct": """
        grams = list(zip(*(ids[i:] for i in range(n))))
        return len(set(grams)) / max(len(grams), 1)
    """,
        "log_prob": """
        with torch.no_grad():
            logits = model(idx[:, :-1])
        losses = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), idx[:, 1:].flatten(), reduction="none"
        )
        return -losses.view(len(idx), -1)[:, n_prompt - 1 :].mean(-1)
    """,
    },
)

OTHERWISE = Right(
    "by other functions",
    {
        "probabilities": """
        if temperature == 0:
            first = (logits == logits.max(-1, keepdim=True).values).int().argmax(-1)
            return torch.eye(logits.size(1))[first]
        scaled = logits / temperature
        return torch.exp(scaled - torch.logsumexp(scaled, -1, keepdim=True))
    """,
        "top_k": """
        rank = logits.argsort(dim=-1, descending=True).argsort(dim=-1)
        return torch.where(rank < top_k, logits, torch.tensor(-torch.inf))
    """,
        "top_p": """
        probs = torch.softmax(logits, -1)
        order = probs.argsort(-1, descending=True)
        total = torch.gather(probs, -1, order).cumsum(-1)
        count = 1 + (total < top_p).sum(-1, keepdim=True)  # tokens that are kept
        rank = order.argsort(-1)
        return logits.masked_fill(rank >= count, -torch.inf)
    """,
        "penalty": """
        factor = torch.where(logits > 0, 1 / penalty, penalty)
        seen = torch.zeros(logits.shape, dtype=torch.bool)
        seen[torch.arange(len(idx))[:, None], idx] = True
        return logits * torch.where(seen, factor, torch.ones(()))
    """,
        "choose": """
        if temperature == 0:
            return logits.argmax(-1).unsqueeze(1)
        logits = logits / temperature
        if top_k is not None:
            logits = top_k_only(logits, top_k)
        if top_p is not None:
            logits = top_p_only(logits, top_p)
        chance = torch.rand(logits.shape, generator=generator)
        return (logits - torch.log(-torch.log(chance))).argmax(-1, keepdim=True)
    """,
        "generate": """
        B, T = idx.shape
        whole = torch.cat((idx, idx.new_zeros(B, max_new_tokens)), dim=1)
        open_rows = torch.ones(B, dtype=torch.bool)
        for t in range(T, T + max_new_tokens):
            with torch.no_grad():
                scores = model(whole[:, max(t - context_size, 0) : t])[:, -1]
            scores = repetition_penalty(scores, whole[:, :t], penalty)
            new = choose(scores, temperature, top_k, top_p, generator=generator).squeeze(1)
            if eos_id is not None:
                open_rows &= new != eos_id
                if not open_rows.any():
                    return whole[:, :t].clone()
                new[~open_rows] = eos_id
            whole[:, t] = new
        return whole
    """,
        "distinct": """
        from collections import Counter

        counts = Counter(tuple(ids[i : i + n]) for i in range(len(ids) + 1 - n))
        return len(counts) / counts.total() if counts else 0
    """,
        "log_prob": """
        logits = model(idx).detach()
        score = logits.gather(-1, idx.roll(-1, dims=1).unsqueeze(-1))[..., 0]
        nats = score - logits.logsumexp(-1)
        return nats[:, n_prompt - 1 : -1].sum(1) / (idx.shape[1] - n_prompt)
    """,
    },
)

RIGHT = [LOOPS, SHORT, OTHERWISE]
