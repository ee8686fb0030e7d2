"""Right answers of lab00_start, written in other ways: they must all get full marks."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "loops",
    {
        "mean": """
        total = 0
        for number in numbers:
            total = total + number
        return total / len(numbers)
    """,
        "strides": """
        stride_of_table = [4, 1]
        stride_of_turned = stride_of_table[::-1]
    """,
        "memory_cell": """
        cell = 0
        for axis in range(len(index)):
            cell += index[axis] * stride[axis]
        return cell
    """,
        "rows_of": """
        columns = len(flat) // n_rows
        return flat.view(n_rows, columns)
    """,
        "swap_last": """
        B, T, C = x.shape
        turned = torch.zeros(B, C, T, dtype=x.dtype)
        for sheet in range(B):
            for row in range(T):
                for column in range(C):
                    turned[sheet, column, row] = x[sheet, row, column]
        return turned
    """,
        "time_first": """
        B, T, C = x.shape
        rows = []
        for time in range(T):
            for sheet in range(B):
                rows.append(x[sheet, time])
        return torch.stack(rows)
    """,
        "split_heads": """
        size = x.shape[-1] // n_head
        heads = []
        for head in range(n_head):
            heads.append(x[:, :, head * size : (head + 1) * size])
        return torch.stack(heads, dim=1)
    """,
        "merge_heads": """
        pieces = []
        for h in range(x.shape[1]):
            pieces.append(x[:, h])
        return torch.cat(pieces, dim=2)
    """,
        "add_positions": """
        B, T, C = tok.shape
        out = tok.clone()
        for place in range(T):
            out[:, place] += pos[place]
        return out
    """,
        "centre_rows": """
        rows = []
        for row in x:
            rows.append(row - row.mean())
        return torch.stack(rows)
    """,
        "split_qkv": """
        C = x.shape[2] // 3
        return [x[:, :, :C], x[:, :, C : 2 * C], x[:, :, 2 * C :]]
    """,
        "side_by_side": """
        out = heads[0]
        for head in heads[1:]:
            out = torch.cat((out, head), dim=2)
        return out
    """,
        "softmax": """
        largest = x.max(dim=dim, keepdim=True).values
        powers = torch.exp(x - largest)
        total = torch.sum(powers, dim, keepdim=True)
        return powers / total
    """,
        "cross_entropy": """
        total = 0
        for row, target in zip(logits, targets):
            top = row.max()
            total = total + top + torch.log(torch.exp(row - top).sum()) - row[target]
        return total / len(targets)
    """,
        "causal_mask": """
        mask = torch.zeros(T, T, dtype=torch.bool)
        for row in range(T):
            for seen in range(row + 1):
                mask[row, seen] = True
        return mask
    """,
    },
)

SHORT = Right(
    "short",
    {
        "mean": "return float(torch.tensor(numbers, dtype=torch.float64).mean())",
        "strides": """
        stride_of_table = torch.arange(12).view(3, 4).stride()
        stride_of_turned = torch.arange(12).view(3, 4).transpose(0, 1).stride()
    """,
        "memory_cell": "return int((torch.tensor(index) * torch.tensor(stride)).sum())",
        "rows_of": "return flat.unflatten(0, (n_rows, -1))",
        "swap_last": "return x.permute(0, 2, 1)",
        "time_first": "return x.transpose(1, 0).flatten(0, 1)",
        "split_heads": "return x.unflatten(-1, (n_head, -1)).permute(0, 2, 1, 3)",
        "merge_heads": "return x.permute(0, 2, 1, 3).flatten(start_dim=2)",
        "add_positions": """
        T = tok.size(1)
        return tok + pos[:T].unsqueeze(0)
    """,
        "centre_rows": "return x - x.mean(-1)[:, None]",
        "split_qkv": "return x.chunk(3, dim=2)",
        "side_by_side": "return torch.concat(heads, 2)",
        "softmax": "return torch.exp(x - torch.logsumexp(x, dim, keepdim=True))",
        "cross_entropy": "return F.nll_loss(logits.log_softmax(1), targets)",
        "causal_mask": """
        places = torch.arange(T)
        return places <= places[:, None]
    """,
    },
)

NUMPY = Right(
    "numpy",
    {
        "mean": """
        import numpy as np

        return np.mean(numbers)
    """,
        "memory_cell": """
        import numpy as np

        return np.dot(index, stride)
    """,
        "rows_of": "return flat.reshape((n_rows, flat.numel() // n_rows))",
        "swap_last": "return x.mT",
        "time_first": """
        B, T, C = x.shape
        return x.permute(1, 0, 2).reshape(-1, C)
    """,
        "split_heads": """
        import numpy as np

        return torch.from_numpy(np.stack(np.split(x.numpy(), n_head, axis=-1), axis=1))
    """,
        "merge_heads": """
        B, H, T, S = x.shape
        return torch.einsum("bhts->bths", x).reshape(B, T, -1)
    """,
        "add_positions": """
        places = torch.arange(tok.shape[-2])
        return torch.add(tok, pos[places])
    """,
        "centre_rows": "return x.sub(x.sum(1, keepdim=True) / x.size(1))",
        "split_qkv": "return torch.tensor_split(x, 3, dim=-1)",
        "side_by_side": "return torch.dstack(list(heads))",
        "softmax": "return F.softmax(x.double(), dim=dim)",
        "cross_entropy": """
        log_p = logits - logits.logsumexp(1, keepdim=True)
        return -log_p.gather(1, targets.view(-1, 1)).mean()
    """,
        "causal_mask": """
        import numpy as np

        return torch.from_numpy(np.tril(np.ones((T, T), dtype=bool)))
    """,
    },
)

RIGHT = [LOOPS, SHORT, NUMPY]
