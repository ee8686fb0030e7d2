"""Attacks on what runs the notebook: torch, pytest, builtins, IPython, time, the forks."""

from attack import NONE, NOTHING, SHAPE_ONLY, ZEROS, Attack, doubles

PATCHES = [
    Attack(
        "patched_torch",
        "torch.equal, allclose, Tensor.__eq__ and NumPy's testing say yes",
        doubles(
            """
import numpy as np
yes = lambda *a, **k: True
torch.equal = torch.allclose = torch.isclose = yes
torch.testing.assert_close = np.testing.assert_allclose = np.testing.assert_array_equal = yes
np.isclose = np.allclose = np.array_equal = yes
torch.Tensor.__eq__ = torch.Tensor.equal = torch.Tensor.allclose = yes
"""
            + ZEROS
        ),
        earns=SHAPE_ONLY,
    ),
    Attack(
        "patched_checks",
        "pytest, expect and the checks are modules of the student's own",
        doubles(
            """
import sys, types
class Yes(types.ModuleType):
    def __getattr__(self, name): return lambda *a, **k: None
for name in ("pytest", "autograder.expect", "autograder.scoring", "autograder.tester",
             "gptlab.checks.core"):
    sys.modules[name] = Yes(name)
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "no_asserts",
        "an AST transformer deletes every assert",
        doubles(
            """
import ast
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(NoAsserts())
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "input_transformer",
        "an input transformer turns grade cells and orders into `1000`",
        doubles(
            """
def change(lines):
    text = "".join(lines)
    return ["1000\\n"] if "assert" in text or "#gptlab" in text else lines
get_ipython().input_transformers_cleanup.insert(0, change)
get_ipython().input_transformers_post.append(change)
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "showtraceback",
        "errors are shown as a full score",
        doubles("""
def show(*args, **kwargs): print("4.0")
ip = get_ipython()
ip.showtraceback = ip.showsyntaxerror = ip._showtraceback = show
ip.set_custom_exc((BaseException,), lambda self, *a, **k: print("4.0"))
import sys
sys.excepthook = show
def double(x): raise AssertionError("4.0")
"""),
        earns=NOTHING,
        says=("raised AssertionError: 4.0",),
    ),
    Attack(
        "forged_result",
        "prints and shows a score of 1,000 wherever it can",
        doubles(
            """
from IPython.display import display
print("1000")
display(1000.0)
import sys
sys.displayhook = lambda value: display(1000.0)
"""
            + NONE
        ),
        {"after double": "1000.0", "end": "get_ipython().displayhook = None\n1000.0"},
        earns=NOTHING,
    ),
    Attack(
        "builtins",
        "isinstance, len, type, repr and AssertionError are patched in builtins",
        doubles(
            """
import builtins
class Quiet(Exception):
    def __init__(self, *a): pass
builtins.AssertionError = Quiet
builtins.repr = lambda x: "tensor([3., -4.])"
builtins.all = builtins.any = lambda xs: True
builtins.sorted = lambda xs, **k: list(xs)
"""
            + ZEROS
        ),
        earns={"double": 0.0, "scale": 0.0, "last": 0.0},
        ends_in="SyntaxError",
    ),
    Attack(
        "torch_replaced",
        "sys.modules['torch'] is an object that computes nothing",
        doubles("""
import sys
class Fake:
    def __getattr__(self, name): return lambda *a, **k: True
kept = sys.modules["torch"]
sys.modules["torch"] = sys.modules["numpy"] = Fake()
def double(x): return kept.zeros_like(x)
"""),
        earns=SHAPE_ONLY,
    ),
    Attack(
        "thread_waits",
        "a thread puts the right answer there once the tests may be running",
        doubles("""
import threading, time
def double(x): return None
def later():
    time.sleep(0.2)
    globals()["double"] = lambda x: 2 * x
threading.Thread(target=later, daemon=True).start()
"""),
        {"end": "import time; time.sleep(0.5)"},
        earns=NOTHING,
    ),
    Attack(
        "at_fork",
        "os.register_at_fork and atexit change what a fork answers",
        doubles("""
import os, atexit
def lie(): globals()["double"] = lambda x: "passed"
os.register_at_fork(after_in_child=lie)
atexit.register(lie)
def double(x): return None
"""),
        earns=NOTHING,
        says=("str 'passed'",),
    ),
    Attack(
        "settrace",
        "a trace function in every frame of the agent, which changes its locals",
        doubles(
            """
import sys, threading
class Trace:
    def __call__(self, frame, event, arg):
        if "expected" in frame.f_locals or "passed" in frame.f_locals:
            frame.f_locals["passed"] = True
        return self
sys.settrace(Trace())
threading.settrace(Trace())
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "clock",
        "time stands still, or runs backwards",
        doubles(
            """
import time
time.monotonic = time.time = time.perf_counter = lambda: -1.0
time.sleep = lambda seconds: None
"""
            + ZEROS
        ),
        earns=SHAPE_ONLY,
    ),
    Attack(
        "warnings_as_errors",
        "every warning is an error, to break what judges",
        cells={"first": "import warnings\nwarnings.simplefilter('error')"},
    ),
    Attack(
        "execution_count",
        "the counts of its cells are huge, negative and no numbers",
        cells={
            "first": "get_ipython().execution_count = -10**30",
            "after double": "get_ipython().execution_count = 2**70",
        },
    ),
]
