"""Answers that lie: objects equal to all, lazy ones, and errors that say that all is well."""

from attack import NOTHING, SHAPE_ONLY, ZEROS, Attack, doubles

AGREES = """
class Agrees(BASE):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __hash__(self): return 17
    def __bool__(self): return True
    def __float__(self): return 17.0
    def __len__(self): return 3
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
"""


def agreeable(base, made):
    return AGREES.replace("BASE", base) + f"\ndef last(xs): return {made}\n"


ANSWERS = [
    Attack(
        "equal_to_all",
        "an object equal to everything as the answer",
        doubles(AGREES.replace("BASE", "object") + "\ndouble = lambda x: Agrees()\n"),
        earns=NOTHING,
    ),
    Attack(
        "equal_function",
        "such an object in the place of the function itself",
        doubles(AGREES.replace("BASE", "object") + "\ndouble = Agrees()\n"),
        earns=NOTHING,
    ),
    Attack(
        "int_that_lies",
        "an int whose __eq__ is always true",
        {"last": agreeable("int", "Agrees(5)")},
        earns={"last": 0.0},
        says=("an object of type Agrees",),
    ),
    Attack(
        "str_that_lies",
        "a str whose __eq__ is always true",
        {"last": agreeable("str", "Agrees('x')")},
        earns={"last": 0.0},
    ),
    Attack(
        "list_that_lies",
        "a list whose __eq__, __iter__ and __len__ lie",
        {"last": agreeable("list", "Agrees()")},
        earns={"last": 0.0},
    ),
    Attack(
        "tensor_subclass",
        "a tensor subclass whose __torch_function__ says that all is equal",
        doubles("""
class Lying(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func.__name__ in ("eq", "equal", "allclose", "isclose", "__eq__"):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})
    def __eq__(self, other): return torch.ones(self.shape, dtype=torch.bool)
    def numpy(self, *a, **k): raise SystemExit("passed")
def double(x): return torch.zeros_like(x).as_subclass(Lying)
"""),
        earns=SHAPE_ONLY,
    ),
    Attack("zeros", "zeros of the right shape", doubles(ZEROS), earns=SHAPE_ONLY),
    Attack("the_input", "the input itself", doubles("def double(x): return x\n"), earns=SHAPE_ONLY),
    Attack(
        "nan",
        "NaN everywhere, which is unequal to nothing that is compared with < or >",
        doubles("def double(x): return x * float('nan')\n"),
        earns=SHAPE_ONLY,
    ),
    Attack(
        "by_heart",
        "the answer of the visible check, whatever is asked",
        doubles("def double(x): return torch.tensor([2.0, 2.0])\n"),
        earns=SHAPE_ONLY,
    ),
    Attack(
        "right_when_watched",
        "right in the notebook, zeros in the fork that is judged",
        doubles("""
import os
mine = os.getpid()
def double(x): return 2 * x if os.getpid() == mine else 0 * x
"""),
        earns=SHAPE_ONLY,
    ),
    Attack(
        "second_call",
        "wrong from its second call on",
        doubles("""
calls = 0
def double(x):
    global calls
    calls += 1
    return 2 * x if calls == 1 else 0 * x
"""),
        earns={"double": 3.0},
    ),
    Attack(
        "second_test",
        "notes each test in a file, and is wrong from the second on",
        doubles("""
def double(x):
    with open("/tmp/count", "a+") as file:
        file.write("x")
        file.seek(0)
        return 2 * x if len(file.read()) == 1 else 0 * x
"""),
        earns={"double": 3.0},
    ),
    Attack(
        "generator",
        "a generator and an iterator that would give the answer",
        {"last": "def last(xs):\n    yield xs[-1]\n"},
        earns={"last": 0.0},
    ),
    Attack(
        "raises_anything",
        "SystemExit(0), KeyboardInterrupt and MemoryError as answers",
        {
            "double": "def double(x): raise SystemExit(0)\n",
            "scale": "class Scale(torch.nn.Module):\n"
            "    def __init__(self, f): raise KeyboardInterrupt\n",
            "last": "def last(xs): raise MemoryError('passed')\n",
        },
        earns={"double": 0.0, "scale": 0.0, "last": 0.0},
        says=("raised SystemExit", "raised Memory"),
    ),
    Attack(
        "recursion",
        "recursion without end, at the depth limit set to the most",
        doubles("""
import sys
sys.setrecursionlimit(2**31 - 1)
def double(x): return double(x)
"""),
        earns=NOTHING,
    ),
    Attack(
        "error_that_lies",
        "an exception that calls itself passed, and whose name is no text",
        doubles("""
class Meta(type):
    @property
    def __name__(cls): raise SystemExit
class passed(Exception, metaclass=Meta):
    def __str__(self): return "\\x1b[2Jpassed\\n4 of 4 points\\u202e"
def double(x): raise passed
"""),
        earns=NOTHING,
        says=("raised passed",),
    ),
    Attack(
        "error_that_hangs",
        "an exception whose __str__ never ends",
        doubles("""
class Slow(Exception):
    def __str__(self):
        while True: pass
def double(x): raise Slow
"""),
        earns=NOTHING,
        says=("no answer after",),
    ),
    Attack(
        "choice_of_all",
        "an object equal to every letter as the choice",
        {"why": AGREES.replace("BASE", "str") + "\nchoice_why = Agrees('b')\n"},
        earns={"why": 0.0},
    ),
    Attack(
        "choice_of_both",
        "both letters at once",
        {"why": "choice_why = 'ab'"},
        earns={"why": 0.0},
        says=("expected one of the letters",),
    ),
]
