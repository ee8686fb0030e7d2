"""What attention and the head cost at GPT-2's sizes, each form in a fresh process.

    python book/_ext/attention_record.py      prints what sampling_record.py keeps

Seconds: the processor's, of the quickest of some turns, on one core. Bytes: the most that the
process held, less what it held before, when the numbers that go in were already there. Linux counts
both.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

C, HEADS, VOCAB = 768, 12, 50257
WIDTHS = (50256, VOCAB, 50264, 50304)  # 16 × 3141; 8 × 6283; 64 × 786
LENGTHS = (256, 1024, 4096)
TURNS = 5


def one(form: str, T: int, V: int = VOCAB) -> dict[str, float]:
    """Seconds and bytes of one form, in this process; its numbers are random."""
    import torch
    from torch.nn import functional as F

    torch.set_num_threads(1)
    torch.manual_seed(0)
    with torch.inference_mode():
        if form in ("one call", "long"):
            q, k, v = torch.randn(3, 1, HEADS, T, C // HEADS)
            later = torch.ones(T, T, dtype=torch.bool).triu(1)

            def run() -> Any:
                if form == "one call":
                    return F.scaled_dot_product_attention(q, k, v, is_causal=True)
                att = (q @ k.transpose(-2, -1)) * (C // HEADS) ** -0.5
                return F.softmax(att.masked_fill(later, -torch.inf), dim=-1) @ v
        else:
            x, table = torch.randn(1, T, C), torch.randn(V, C)

            def run() -> Any:
                return F.linear(x if form == "all" else x[:, [-1], :], table)

        before, spent = held(), []
        for _ in range(TURNS):
            start = time.process_time()
            run()
            spent.append(time.process_time() - start)
    return {"seconds": min(spent), "bytes": most() - before}


def held() -> int:
    """The bytes that this process holds; from now on `most` counts anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return status("VmRSS")


def most() -> int:
    """The most bytes that this process has held since."""
    return status("VmHWM")


def status(name: str) -> int:
    """A line of /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def fresh(*what: Any) -> dict[str, float]:
    """`one` in a process of its own."""
    told = subprocess.run([sys.executable, __file__, *map(str, what)], capture_output=True,
                          text=True, check=True)  # fmt: skip
    return json.loads(told.stdout)


def measured() -> dict[str, Any]:
    """All of it."""
    return {
        "attention": {str(T): {form: fresh(form, T) for form in ("one call", "long")}
                      for T in LENGTHS},
        "head": {form: fresh(form, 1024) for form in ("all", "last")},
        "width": {str(V): fresh("all", 1024, V) for V in WIDTHS},
        "machine": platform.machine(),
    }  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1:
        form, *numbers = sys.argv[1:]
        print(json.dumps(one(form, *map(int, numbers))))
    else:
        print(json.dumps(measured(), indent=1))
