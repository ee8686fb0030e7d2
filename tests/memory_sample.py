"""What is raised where there is no memory left."""

import torch

SHORT = {
    "python": MemoryError(),
    "cuda": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "cuda itself": RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be reported"),
    "mps": RuntimeError("MPS backend out of memory (MPS allocated: 8.99 GiB, max allowed: 9.07)."),
    "cpu": RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't "
                        "allocate memory: you tried to allocate 4096 bytes."),
    "windows": RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not "
                            "enough memory: you tried to allocate 4096 bytes."),
}  # fmt: skip
