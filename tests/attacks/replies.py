"""Attacks on the bridge: forged, huge, early, endless and foreign replies to the tests."""

from attack import NONE, NOTHING, Attack, doubles

# An answer to every question, in the place of the agent's own: `forge(request)` gives its bytes.
FORGED = """
import json, struct, pickle, os, time
from autograder import wire
from autograder.verbs import Verbs
def whole(body, blobs=(), sizes=None):
    head = json.dumps({"body": body, "blobs": sizes or [len(b) for b in blobs]}).encode()
    return b"".join([struct.pack("<I", len(head)), head, *blobs])
def said(request, value):
    number = request["number"]
    return {"t": "dict", "k": ["number", "value", "args", "kwargs"],
            "v": [number, value, [], {"t": "dict", "k": [], "v": []}]}
honest = Verbs.reply
def reply(self, request):
    if request.get("target") != "double":
        return honest(self, request)
    return forge(request)
Verbs.reply = reply
def double(x): return None
"""

# An answer to the order to read the letter: `said` is text in the place of the agent's.
READING = """
choice_why = "a"
import base64, json, struct
from autograder import agent
obey = agent.AgentKernel.obey
def read(self, code):
    found, code = obey(self, code)
    return {name: said for name in found} | {"choice_double": 7, "choice_last": said}, code
agent.AgentKernel.obey = read
"""
MANY = """
body = {"t": "dict", "k": ["value"], "v": [["a", "b"]]}
head = json.dumps({"body": body, "blobs": []}).encode()
said = base64.b64encode(struct.pack("<I", len(head)) + head).decode()
"""


def forged(id, tries, forge, **more):
    return Attack(id, tries, doubles(FORGED + forge), earns=NOTHING, on_bridge=True, **more)


REPLIES = [
    forged(
        "pickled_reply",
        "a pickle that starts a program, as the reply",
        "class Evil:\n    def __reduce__(self):\n"
        "        return os.system, ('touch /tmp/@marker@ @temporary@/@marker@',)\n"
        "def forge(request):\n    return pickle.dumps(Evil())\n",
    ),
    Attack(
        "pickled_value",
        "an object whose __reduce__, __array__ and __index__ start a program",
        doubles("""
import os
class Evil:
    def __reduce__(self): return os.system, ("touch @temporary@/@marker@",)
    def __array__(self, *a, **k): os.system("touch @temporary@/@marker@")
    __index__ = __int__ = __float__ = __array__
def double(x): return Evil()
"""),
        earns=NOTHING,
        says=("an object of type Evil",),
    ),
    forged(
        "deep_json",
        "JSON of 100,000 levels",
        'def forge(request):\n    head = b"[" * 100_000\n'
        '    return struct.pack("<I", len(head)) + head\n',
        says=("cannot be read",),
    ),
    forged(
        "deep_value",
        "a well-formed value of 900 levels",
        "def forge(request):\n    value = 1\n    for _ in range(900): value = [value]\n"
        "    return whole(said(request, value))\n",
        says=("deep",),
    ),
    forged(
        "head_of_4_gb",
        "a message that says it is 4 GB long",
        'def forge(request):\n    return b"\\xff" * 100\n',
        says=("a message head of 4294967295",),
    ),
    forged(
        "blob_of_many_tb",
        "a blob that says it has 2**62 bytes, and one that has less than none",
        "def forge(request):\n    size = 2**62 if request['number'] % 2 else -1\n"
        "    return whole(said(request, {'t': 'bytes', 'blob': 0}), [b'x'], [size])\n",
        says=("blobs of more than",),
    ),
    forged(
        "shapes",
        "tensors whose shape is negative, huge, or not that of their bytes",
        "shapes = [[-1, -4], [2**40, 2**40], [2**31], [0, 2**62], [1] * 70, [2.5], 'ab']\n"
        "def forge(request):\n    shape = shapes[request['number'] % len(shapes)]\n"
        "    value = {'t': 'tensor', 'dtype': 'float32', 'shape': shape, 'blob': 0}\n"
        "    return whole(said(request, value), [b'1234'])\n",
        says=("cannot be read",),
    ),
    forged(
        "dtypes",
        "dtypes with code in their name",
        "def forge(request):\n"
        "    name = \"float32'); __import__('os').system('touch @temporary@/@marker@\"\n"
        "    value = {'t': 'array', 'dtype': name, 'shape': [1], 'blob': 0}\n"
        "    return whole(said(request, value), [b'1234'])\n",
        says=("unknown dtype",),
    ),
    forged(
        "colliding_keys",
        "a dict of 100,000 keys with one hash",
        "def forge(request):\n"
        "    keys = [n * (2**61 - 1) for n in range(4)] + ["
        "{'t': 'int', 'v': hex(n * (2**61 - 1))} for n in range(4, 60_000)]\n"
        "    return whole(said(request, {'t': 'dict', 'k': keys, 'v': [0] * len(keys)}))\n",
        says=("made to collide",),
    ),
    forged(
        "says_passed",
        "a reply that says that the test passed",
        "def forge(request):\n"
        "    body = said(request, None)\n    body['k'] += ['passed', 'score', 'points', 'error']\n"
        "    body['v'] += [True, 1000, 1000, None]\n    return whole(body)\n",
    ),
    forged(
        "other_number",
        "replies to another question",
        "def forge(request):\n    return whole(said({'number': request['number'] + 1}, 2.0))\n",
        says=("it replies to another question",),
    ),
    forged(
        "trickle",
        "a reply that comes byte by byte",
        "import socket, gc\ndef forge(request):\n"
        "    line = [s for s in gc.get_objects() if isinstance(s, socket.socket)]\n"
        "    text = whole(said(request, 'x' * 1000))\n"
        "    from autograder import agent\n    time.sleep(0.2)\n"
        "    one = OPEN[-1]\n    for n in range(len(text)):\n"
        "        one.sendall(text[n:n + 1])\n        time.sleep(0.1)\n    return b''\n"
        "OPEN, receive = [], wire.receive\ndef listen(connection):\n"
        "    OPEN.append(connection)\n    return receive(connection)\nwire.receive = listen\n",
        says=("no answer after",),
    ),
    forged(
        "endless_reply",
        "200 MB in answer to each question",
        "def forge(request):\n"
        "    OPEN[-1].sendall(struct.pack('<I', 50) + b'{' * 50)\n"
        "    while True: OPEN[-1].sendall(bytes(10**6))\n"
        "OPEN, receive = [], wire.receive\ndef listen(connection):\n"
        "    OPEN.append(connection)\n    return receive(connection)\nwire.receive = listen\n",
        says=("cannot be read",),
    ),
    Attack(
        "answers_before",
        "answers before it was asked",
        doubles(
            """
from autograder import wire
from autograder.verbs import Verbs
serve = Verbs.serve
def early(self, connection):
    import torch
    for number in range(1, 9):
        connection.sendall(wire.pack({"number": number, "value": torch.ones(1)}))
    serve(self, connection)
Verbs.serve = early
"""
            + NONE
        ),
        {"after double": "Verbs.serve = serve"},
        on_bridge=True,
        earns=NOTHING,
        says=("it came before the question",),
    ),
    Attack(
        "agent_changed",
        "every part of the agent that it finds does something else",
        doubles(
            """
import gc, sys
from autograder import agent, values, verbs, wire
for thing in gc.get_objects():
    if isinstance(thing, verbs.Verbs):
        print("found one", thing)
verbs.Verbs.call = lambda self, request, *a, **k: torch.zeros(3, 1, 2)
verbs.Verbs.describe = lambda self, error: {"type": "Passed", "message": "passed", "cell": 10**9}
verbs.Verbs.seed = lambda self, request: None
values.MAX_BYTES = wire.MAX_HEAD = 2**60
"""
            + NONE
        ),
        on_bridge=True,
        earns={"double": 1.0, "scale": 0.0, "last": 0.0},
    ),
    Attack(
        "takes_connections",
        "a process of its own takes the connections of every item",
        doubles(
            """
import os, socket, time
from autograder import agent, wire
listeners = agent.AgentKernel.listeners
if os.fork() == 0:
    os.setsid()
    import select
    while True:
        for one in select.select(listeners, [], [])[0]:
            try:
                line, _ = one.accept()
                while True:
                    request = wire.receive(line)
                    line.sendall(wire.pack({"number": request["number"], "value": "passed"}))
            except BaseException:
                pass
"""
            + NONE
        ),
        on_bridge=True,
        earns=NOTHING,
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    Attack(
        "closes_listeners",
        "closes the sockets that the items would answer on",
        doubles(
            "from autograder import agent\nfor one in agent.AgentKernel.listeners: one.close()\n"
            + NONE
        ),
        on_bridge=True,
        earns={"double": 0.0, "scale": 0.0, "last": 0.0},
    ),
    Attack(
        "forged_reading",
        "says of the letter that it chose what is no message",
        {"why": READING + "said = 'b' * 20_000_001"},
        earns={"why": 0.0},
        says=("the answer cannot be read",),
        on_bridge=True,
    ),
    Attack(
        "reading_of_many",
        "says that it chose every letter",
        {"why": READING + MANY},
        earns={"why": 0.0},
        says=("expected one of the letters",),
        on_bridge=True,
    ),
    Attack(
        "connects_to_itself",
        "asks its own socket, to fill the queue of those who wait",
        doubles(NONE),
        {
            "after double": """
import socket, os
lines = []
for number in range(4):
    for _ in range(8):
        one = socket.socket(socket.AF_UNIX)
        one.setblocking(False)
        try:
            one.connect(os.environ["GPTLAB_SOCKETS"] + f"/{number}.sock")
        except OSError:
            pass
        lines.append(one)
"""
        },
        earns=NOTHING,
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
]
