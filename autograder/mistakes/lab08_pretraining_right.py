"""Right answers of lab08_pretraining in another form than the solution's."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "step by step",
    {
        "token_ids": (
            """
        end = "<|endoftext|>"
        encoded = tokenizer.encode(text, allowed_special={end})
        encoded_tensor = torch.tensor(encoded, dtype=torch.long)
        return encoded_tensor[None, :]
    """,
            """
        flat = token_ids[0]
        ids = []
        for place in range(len(flat)):
            ids.append(int(flat[place]))
        return tokenizer.decode(ids)
    """,
        ),
        "dataset": (
            """
        start = 0
        while start + max_length < len(ids):
            x, y = [], []
            for t in range(max_length):
                x.append(ids[start + t])
                y.append(ids[start + t + 1])
            self.input_ids.append(torch.tensor(x, dtype=torch.int64))
            self.target_ids.append(torch.tensor(y, dtype=torch.int64))
            start = start + stride
    """,
            "return len(self.target_ids)",
            """
        x = self.input_ids[idx]
        y = self.target_ids[idx]
        return [x, y]
    """,
        ),
        "dataloader": """
        dataset = GPTDatasetV1(
            txt=txt, tokenizer=tokenizer, max_length=max_length, stride=stride
        )
        dataloader = DataLoader(
            dataset,
            batch_size=batch_size,
            shuffle=shuffle,
            drop_last=drop_last,
            num_workers=num_workers,
        )
        return dataloader
    """,
        "loaders": """
        split_idx = int(train_ratio * len(txt))
        train_data = txt[:split_idx]
        val_data = txt[split_idx:]
        train_loader = create_dataloader_v1(
            train_data, batch_size=batch_size, max_length=max_length,
            stride=max_length, drop_last=True, shuffle=True, num_workers=0,
        )
        val_loader = create_dataloader_v1(
            val_data, batch_size=batch_size, max_length=max_length,
            stride=max_length, drop_last=False, shuffle=False, num_workers=0,
        )
        return [train_loader, val_loader]
    """,
        "loss_batch": """
        input_batch, target_batch = input_batch.to(device), target_batch.to(device)
        logits = model(input_batch)
        B, T, V = logits.shape
        log_probs = torch.log_softmax(logits.reshape(B * T, V), dim=-1)
        targets = target_batch.reshape(B * T)
        picked = log_probs[torch.arange(B * T, device=targets.device), targets]
        return -picked.mean()
    """,
        "loss_loader": """
        total_loss = 0.0
        rows = 0
        if len(data_loader) == 0:
            return float("nan")
        elif num_batches is None:
            num_batches = len(data_loader)
        else:
            num_batches = min(num_batches, len(data_loader))
        for i, (input_batch, target_batch) in enumerate(data_loader):
            if i < num_batches:
                loss = calc_loss_batch(input_batch, target_batch, model, device)
                total_loss += loss.item() * len(input_batch)
                rows += len(input_batch)
            else:
                break
        if rows == 0:
            return math.nan
        return total_loss / rows
    """,
        "perplexity": "return math.e**loss",
        "evaluate": """
        model.eval()
        losses = []
        for loader in (train_loader, val_loader):
            with torch.no_grad():
                losses.append(
                    calc_loss_loader(loader, model, device, num_batches=eval_iter)
                )
        model.train()
        return losses[0], losses[1]
    """,
        "train_step": """
        loss = calc_loss_batch(xb, yb, model, device)
        for p in model.parameters():
            p.grad = None
        loss.backward()
        if max_norm is not None:
            squares = 0.0
            for p in model.parameters():
                squares += (p.grad**2).sum().item()
            length = squares**0.5
            if length > max_norm:
                for p in model.parameters():
                    p.grad *= max_norm / length
        optimizer.step()
        return float(loss)
    """,
        "train": """
        tokens, global_step = 0, -1
        for epoch in range(num_epochs):
            model.train()
            for input_batch, target_batch in train_loader:
                train_step(model, optimizer, input_batch, target_batch)
                rows, width = input_batch.shape
                tokens += rows * width
                global_step += 1
                if global_step % eval_freq == 0:
                    found = evaluate_model(
                        model, train_loader, val_loader, device, eval_iter
                    )
                    train_losses.append(found[0])
                    val_losses.append(found[1])
                    tokens_seen.append(tokens)
                    print(f"Ep {epoch + 1} (Step {global_step:06d}): {found}")
            print_sample(
                model=model, tokenizer=tokenizer, device=device,
                start_context=start_context,
            )
    """,
        "plot": """
        ax.plot(epochs_seen, val_losses, linestyle="-.", label="Validation loss")
        ax.plot(epochs_seen, train_losses, label="Training loss")
        ax.set(xlabel="Epochs", ylabel="Loss")
        ax2 = ax.twiny()
        ax2.plot(tokens_seen, train_losses, alpha=0)
        ax2.set_xlabel("Tokens seen")
        ax.legend(loc="upper right")
        plt.savefig("loss-plot.pdf")
        plt.show()
        plt.close(fig)
    """,
        "groups": """
        decay, no_decay = [], []
        for name, p in model.named_parameters():
            if len(p.shape) > 1:
                decay.append(p)
            else:
                no_decay.append(p)
        matrices = {"params": decay, "weight_decay": weight_decay}
        rest = {"params": no_decay, "weight_decay": 0}
        return [matrices, rest]
    """,
        "schedule": """
        if step < warmup_steps:
            lr = peak_lr / (warmup_steps + 1)
            for _ in range(step):
                lr += peak_lr / (warmup_steps + 1)
        elif step < total_steps:
            decay_ratio = (step - warmup_steps) / (total_steps - warmup_steps)
            coefficient = 0.5 * (1.0 + math.cos(math.pi * decay_ratio))
            lr = coefficient * peak_lr + (1 - coefficient) * min_lr
        else:
            lr = min_lr
        return lr
    """,
        "checkpoint": (
            """
        checkpoint = {}
        checkpoint["progress"] = dict(progress)
        checkpoint["random"] = torch.random.get_rng_state()
        checkpoint["optimizer"] = optimizer.state_dict()
        checkpoint["model"] = model.state_dict()
        with open(path, "wb") as file:
            torch.save(checkpoint, file)
    """,
            """
        with open(path, "rb") as file:
            checkpoint = torch.load(file, map_location="cpu", weights_only=True)
        optimizer.load_state_dict(checkpoint["optimizer"])
        model.load_state_dict(checkpoint["model"])
        torch.random.set_rng_state(checkpoint["random"])
        progress = checkpoint["progress"]
        return progress
    """,
        ),
    },
)

SHORT = Right(
    "in few words",
    {
        "token_ids": (
            'return torch.tensor([tokenizer.encode(text, allowed_special="all")])',
            "return tokenizer.decode([i.item() for i in token_ids[0]])",
        ),
        "dataset": (
            """
        ids = torch.tensor(ids)
        for i in range(len(ids)):
            y = ids[i * stride + 1 : i * stride + max_length + 1]
            if len(y) == max_length:
                self.input_ids.append(ids[i * stride : i * stride + max_length])
                self.target_ids.append(y)
    """,
            "return self.input_ids.__len__()",
            "return tuple(part[idx] for part in (self.input_ids, self.target_ids))",
        ),
        "dataloader": """
        return DataLoader(GPTDatasetV1(txt, tokenizer, max_length, stride),
                          batch_size, shuffle, num_workers=num_workers,
                          drop_last=drop_last)
    """,
        "loaders": """
        at = math.floor(train_ratio * len(txt))
        return tuple(
            create_dataloader_v1(part, batch_size, max_length, max_length, first, first)
            for part, first in ((txt[:at], True), (txt[at:], False))
        )
    """,
        "loss_batch": """
        logits = model(input_batch.to(device)).transpose(1, 2)
        return nn.functional.cross_entropy(logits, target_batch.to(device))
    """,
        "loss_loader": """
        sums, batches = [], iter(data_loader)
        while len(sums) != num_batches:
            pair = next(batches, None)
            if pair is None:
                break
            loss = calc_loss_batch(*pair, model, device).detach()
            sums.append((float(loss) * pair[0].numel(), pair[0].numel()))
        count = sum(n for _, n in sums)
        return sum(s for s, _ in sums) / count if count else math.nan
    """,
        "perplexity": "return float(torch.tensor(loss, dtype=torch.float64).exp())",
        "evaluate": """
        model.train(False)
        with torch.inference_mode():
            found = [calc_loss_loader(loader, model, device, eval_iter)
                     for loader in (train_loader, val_loader)]
        model.train(True)
        return tuple(found)
    """,
        "train_step": """
        model.zero_grad()
        loss = calc_loss_batch(xb, yb, model, device)
        loss.backward()
        norm = float("inf") if max_norm is None else max_norm
        torch.nn.utils.clip_grad_norm_(list(model.parameters()), norm)
        optimizer.step()
        optimizer.zero_grad()
        return loss.detach().item()
    """,
        "train": """
        looks = []
        for epoch in range(num_epochs):
            model.train()
            for i, (xb, yb) in enumerate(train_loader):
                train_step(model, optimizer, xb=xb, yb=yb)
                looks.append(xb.shape[0] * xb.shape[1])
                if not (len(looks) - 1) % eval_freq:
                    pair = evaluate_model(
                        model=model, train_loader=train_loader,
                        val_loader=val_loader, device=device, eval_iter=eval_iter,
                    )
                    for noted, loss in zip((train_losses, val_losses), pair):
                        noted += [loss]
                    tokens_seen += [sum(looks)]
            print_sample(model, tokenizer, device, start_context)
    """,
        "plot": """
        for losses, name in ((train_losses, "train"), (val_losses, "val")):
            ax.plot(epochs_seen, losses, "o-", label=name)
        ax.set_xlabel("epoch")
        ax.set_ylabel("nats")
        fig.legend(*ax.get_legend_handles_labels())
        ax2 = ax.twiny()
        ax2.set_xlim(ax.get_xlim())
        ax2.set_xticks(epochs_seen, [str(n) for n in tokens_seen])
        ax2.set_xlabel("tokens")
        fig.savefig("./loss-plot.pdf", bbox_inches="tight")
    """,
        "groups": """
        def of(many):
            return [p for p in model.parameters() if (p.ndim > 1) == many]
        return [dict(params=of(many), weight_decay=weight_decay * many)
                for many in (True, False)]
    """,
        "schedule": """
        if step <= warmup_steps:
            return peak_lr * (step + 1) / (warmup_steps + 1)
        share = (step - warmup_steps) / (total_steps - warmup_steps)
        half = math.cos(math.pi / 2 * min(share, 1)) ** 2
        return peak_lr * half + min_lr * (1 - half)
    """,
        "checkpoint": (
            """
        torch.save(dict(
            progress=progress, model=model.state_dict(),
            optimizer=optimizer.state_dict(), random=torch.get_rng_state(),
        ), f=path)
    """,
            """
        whole = torch.load(path)
        for part, name in ((model, "model"), (optimizer, "optimizer")):
            part.load_state_dict(whole.pop(name))
        torch.set_rng_state(whole.pop("random"))
        return whole.pop("progress")
    """,
        ),
    },
)

RIGHT = [LOOPS, SHORT]
