"""The catalogue of LAB: what students write in place of an answer. It proves the hidden tests.

`old` is text of solutions/LAB.py that stands there once; the sentence that a student reads for
each id stands in gptlab/checks/causes/LAB.py.
"""

from autograder.catalogue import Lazy, Mistake, Right

RETURN = "    return counts / total\n"

MISTAKES = [
    Mistake("shares_of_largest", "shares", "counts.sum()", "counts.max()", both_ways=True),
    Mistake("shares_of_number", "shares", "counts.sum()", "len(counts)"),
    Mistake("shares_percent", "shares", RETURN, "    return 100 * counts / total\n"),
    Mistake("shares_softmax", "shares", RETURN, "    return torch.softmax(counts.float(), 0)\n"),
    Mistake("shares_whole_division", "shares", RETURN, "    return counts // total\n"),
]

# Right answers that are written differently: each earns every point.
NORMALIZE = "return torch.nn.functional.normalize(counts.float(), p=1, dim=0)"
LOOP = """
whole = sum(counts.tolist())
return torch.tensor([count / whole for count in counts.tolist()])
"""
RIGHT = [Right("normalize", {"shares": NORMALIZE}), Right("loop", {"shares": LOOP})]

# Answers without thought: each earns at most a quarter.
LAZY = [
    Lazy("shares", "the input", "return counts"),
    Lazy("shares", "zeros", "return torch.zeros(len(counts))"),
    Lazy("shares", "a constant", "return torch.full((len(counts),), 0.5)"),
]
