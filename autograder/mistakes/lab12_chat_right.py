"""Right answers of lab12_chat in another form than the solution's."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "step by step",
    {
        "encode": """
        special = tokenizer.special_tokens
        result = []
        for message in messages:
            if message["role"] == "user":
                result.append(special["<|user|>"])
            else:
                result.append(special["<|assistant|>"])
            for token in tokenizer.encode(message["content"], disallowed_special=()):
                result.append(token)
            result.append(special["<|end|>"])
        return result
    """,
        "prompt": """
        result = encode(messages, tokenizer)
        result.append(tokenizer.special_tokens["<|assistant|>"])
        return result
    """,
        "encode_with_mask": """
        ids, mask = [], []
        for message in messages:
            ids.append(tokenizer.special_tokens[ROLES[message["role"]]])
            mask.append(0)
            counts = 1 if message["role"] == "assistant" else 0
            for token in tokenizer.encode_ordinary(message["content"]):
                ids.append(token)
                mask.append(counts)
            ids.append(tokenizer.special_tokens[END])
            mask.append(counts)
        return ids, mask
    """,
        "inputs_and_targets": """
        x, y = [], []
        for t in range(len(ids) - 1):
            x.append(ids[t])
            if mask[t + 1]:
                y.append(ids[t + 1])
            else:
                y.append(-1)
        return torch.tensor(x), torch.tensor(y)
    """,
        "collate": """
        T = 0
        for x, y in pairs:
            T = max(T, len(x))
        xs, ys = [], []
        for x, y in pairs:
            missing = T - len(x)
            xs.append(x.tolist() + [pad_id] * missing)
            ys.append(y.tolist() + [-1] * missing)
        return torch.tensor(xs), torch.tensor(ys)
    """,
        "masked_loss": """
        total, count = 0.0 * logits.sum(), 0
        B, T, V = logits.shape
        for b in range(B):
            for place in range(T):
                target = targets[b, place]
                if target != -1:
                    total = total - torch.log_softmax(logits[b, place], dim=0)[target]
                    count += 1
        if count == 0:
            return torch.tensor(0.0)
        return total / count
    """,
        "train_step": """
        model.train()
        optimizer.zero_grad(set_to_none=True)
        logits, loss = model(xb, yb)
        loss.backward()
        optimizer.step()
        return float(loss)
    """,
        "fit": """
        start = 0
        while start + 1 < len(messages):
            if len(prompt(messages[start:], tokenizer)) <= room:
                break
            start += 2
        return messages[start:]
    """,
        "turn": """
        whole = list(ids)
        while len(whole) < len(ids) + max_new_tokens:
            window = whole[max(0, len(whole) - model.config.block_size):]
            logits, _ = model(torch.tensor(window).unsqueeze(0))
            scores = logits[0, -1]
            if temperature == 0:
                token = int(torch.argmax(scores))
            else:
                scores = scores / temperature
                if top_k is not None:
                    kept = torch.topk(scores, min(top_k, len(scores)))
                    new = torch.full_like(scores, float("-inf"))
                    new[kept.indices] = kept.values
                    scores = new
                probs = torch.softmax(scores, dim=-1)
                token = int(torch.multinomial(probs, 1, generator=generator))
            if token == end_id:
                return whole[len(ids):]
            whole.append(token)
        return whole[len(ids):]
    """,
        "score": """
        said, asked = found.lower().split(), wanted.lower().split()
        exact = 1.0 if " ".join(said) == " ".join(asked) else 0.0
        if len(said) == 0 and len(asked) == 0:
            return 1.0, 1.0
        left, shared = list(asked), 0
        for word in said:
            if word in left:
                left.remove(word)
                shared += 1
        if shared == 0:
            return exact, 0.0
        precision, recall = shared / len(said), shared / len(asked)
        return exact, 2 * precision * recall / (precision + recall)
    """,
    },
)

SHORT = Right(
    "in few words",
    {
        "encode": """
        sign = tokenizer.special_tokens
        return sum(
            ([sign[ROLES[m["role"]]], *tokenizer.encode_ordinary(m["content"]), sign[END]]
             for m in messages), [])
    """,
        "prompt": """
        return [*encode(messages, tokenizer), tokenizer.special_tokens[ASSISTANT]]
    """,
        "encode_with_mask": """
        turns = [(m["role"] == "assistant", encode([m], tokenizer)) for m in messages]
        ids = [token for _, turn in turns for token in turn]
        return ids, [int(mine and n > 0) for mine, turn in turns for n in range(len(turn))]
    """,
        "inputs_and_targets": """
        y = torch.tensor(ids[1:])
        return torch.tensor(ids[:-1]), y.masked_fill(torch.tensor(mask[1:]) == 0, -1)
    """,
        "collate": """
        xs, ys = zip(*pairs)
        pad = torch.nn.utils.rnn.pad_sequence
        return pad(xs, batch_first=True, padding_value=pad_id), pad(ys, True, -1)
    """,
        "masked_loss": """
        total = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="sum")
        return total / (targets != -1).sum().clamp(min=1)
    """,
        "train_step": """
        model.train()
        loss = model(xb, yb)[1]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()
    """,
        "fit": """
        for n in range(0, len(messages), 2):
            if len(prompt(messages[n:], tokenizer)) <= room or n + 2 >= len(messages):
                return messages[n:]
    """,
        "turn": """
        whole, size = torch.tensor([ids]), model.config.block_size
        for _ in range(max_new_tokens):
            scores = model(whole[:, -size:])[0][:, -1, :]
            token = choose(scores, temperature, top_k, None, generator)
            if token == end_id:
                break
            whole = torch.cat((whole, token), dim=1)
        return whole[0, len(ids):].tolist()
    """,
        "score": """
        a, b = (Counter(text.lower().split()) for text in (found, wanted))
        same = found.lower().split() == wanted.lower().split()
        return float(same), 2 * (a & b).total() / ((a + b).total() or 1) if not same else 1.0
    """,
    },
)

OTHERWISE = Right(
    "by other functions",
    {
        "encode": """
        ids = []
        for number, message in enumerate(messages):
            role = (USER, ASSISTANT)[number % 2]
            ids.extend(tokenizer.encode(role, allowed_special={role}))
            ids.extend(tokenizer.encode_ordinary(message["content"]))
            ids.extend(tokenizer.encode(END, allowed_special="all"))
        return ids
    """,
        "prompt": """
        answer = {"role": "assistant", "content": ""}
        return encode(messages + [answer], tokenizer)[:-1]
    """,
        "encode_with_mask": """
        ids, mask = encode(messages, tokenizer), []
        start, end = tokenizer.special_tokens[ASSISTANT], tokenizer.special_tokens[END]
        speaking = False
        for one in ids:
            mask.append(1 if speaking else 0)
            if one == start:
                speaking = True
            elif one == end:
                speaking = False
        return ids, mask
    """,
        "inputs_and_targets": """
        import numpy as np

        ids, mask = np.array(ids, dtype=np.int64), np.array(mask)
        y = np.where(mask[1:] > 0, ids[1:], -1)
        return torch.from_numpy(ids[:-1].copy()), torch.from_numpy(y)
    """,
        "collate": """
        T = max(x.shape[0] for x, _ in pairs)
        fill = torch.nn.functional.pad
        xb = torch.stack([fill(x, (0, T - len(x)), value=pad_id) for x, _ in pairs])
        yb = torch.stack([fill(y, (0, T - len(y)), value=-1) for _, y in pairs])
        return xb, yb
    """,
        "masked_loss": """
        counts = (targets >= 0).float()
        safe = targets.clamp(min=0)
        scores = logits.gather(2, safe[:, :, None])[:, :, 0]
        nats = torch.logsumexp(logits, dim=2) - scores
        return (nats * counts).sum() / torch.clamp(counts.sum(), min=1.0)
    """,
        "train_step": """
        model.train(True)
        loss = masked_loss(model(xb, targets=yb)[0], yb)
        for p in model.parameters():
            p.grad = None
        torch.autograd.backward(loss)
        optimizer.step()
        return loss.detach().item()
    """,
        "fit": """
        kept, rest = list(messages[-1:]), list(messages[:-1])
        while rest:
            longer = rest[-2:] + kept
            if len(prompt(longer, tokenizer)) > room:
                break
            kept, rest = longer, rest[:-2]
        return kept
    """,
        "turn": """
        from gptlab.sample import stream

        size = model.config.block_size
        new = stream(model, torch.tensor([ids]), max_new_tokens, size, temperature, top_k, end_id,
                     generator=generator)
        return [token.item() for token in new]
    """,
        "score": """
        import re

        said, asked = (re.sub(r"\\s+", " ", t).strip().lower() for t in (found, wanted))
        if said == asked:
            return 1.0, 1.0
        said, asked = said.split(), asked.split()
        shared = sum(min(said.count(word), asked.count(word)) for word in set(said))
        return 0.0, shared / ((len(said) + len(asked)) / 2)
    """,
    },
)

RIGHT = [LOOPS, SHORT, OTHERWISE]
