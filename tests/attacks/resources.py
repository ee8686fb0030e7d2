"""Attacks on memory, disks and whoever reads what is printed."""

from attack import AFTER_LOST, ATTEMPT, NONE, NOTHING, WAIT, Attack, doubles

MANY = (
    """
import ctypes, mmap, os, time
for _ in range(10):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
        kept = mmap.mmap(-1, 250 * 2**20, flags=FLAGS | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
        while True: time.sleep(1)
"""
    + WAIT
)

RESOURCES = [
    Attack(
        "memory",
        "one process that takes all memory",
        cells={"after double": "kept = []\nwhile True: kept.append(bytearray(2**26))"},
        noisy=True,
        ends_in=("MemoryError", "KeyboardInterrupt"),  # stopped, where filling it takes too long
    ),
    Attack(
        "memory_in_answer",
        "a tensor of a terabyte, and one of 1.2 GB over and over",
        doubles("def double(x):\n    kept = []\n    while True: kept.append(torch.ones(2**26))\n"),
        earns=NOTHING,
        noisy=True,
    ),
    Attack(
        "memory_of_many",
        "many processes that take 250 MB each, and hide from debuggers",
        cells={"after double": MANY.replace("FLAGS", "mmap.MAP_PRIVATE")},
        earns=AFTER_LOST,
        most={"double": 4.0},
        says=("MB of memory (at most",),
        noisy=True,
    ),
    Attack(
        "shared_memory",
        "the same with anonymous shared memory",
        cells={"after double": MANY.replace("FLAGS", "mmap.MAP_SHARED")},
        earns=AFTER_LOST,
        most={"double": 4.0},
        says=("MB of memory (at most",),
        noisy=True,
    ),
    Attack(
        "socket_memory",
        "memory of the system's: socket buffers full of bytes, in many processes",
        cells={
            "after double": """
import os, socket
def fill():
    kept = []
    try:
        while True: kept += socket.socketpair()
    except OSError: pass
    for one in kept:
        one.setblocking(False)
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
        except OSError: pass
        try:
            while True: one.send(bytes(2**17))
        except OSError: pass
    return kept
for _ in range(32):
    if os.fork() == 0:
        kept = fill()
        while True: time.sleep(1)
"""
            + WAIT
        },
        earns=AFTER_LOST,
        most={"double": 4.0},
        says=("MB of memory (at most",),
        noisy=True,
    ),
    Attack(
        "disk",
        "fills /tmp, /dev/shm, its folder and that of the sockets",
        doubles(
            ATTEMPT
            + """
import os
for folder in ("/tmp", "/dev/shm", ".", os.environ["GPTLAB_SOCKETS"], "/var/tmp", "/dev", "/"):
    total = 0
    try:
        for number in range(100):
            with open(f"{folder}/{number}", "wb") as file:
                for _ in range(8):
                    total += file.write(bytes(2**20))
        print("ESC" + "APED", folder)
    except OSError as error:
        print(folder, total, error.strerror)
    assert total < 40 * 2**20, folder
"""
            + NONE
        ),
        earns=NOTHING,
        noisy=True,
    ),
    Attack(
        "many_files",
        "a million empty files and deep folders",
        doubles(
            ATTEMPT
            + """
import os
def fill():
    for number in range(20_000):
        open(f"/tmp/{number}", "w").close()
attempt("files", fill)
def deep():
    os.chdir("/dev/shm")
    for _ in range(20_000):
        os.mkdir("x" * 100)
        os.chdir("x" * 100)
attempt("folders", deep)
os.chdir("/")
"""
            + NONE
        ),
        earns=NOTHING,
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    Attack(
        "sparse",
        "files that say they are huge",
        doubles(
            ATTEMPT
            + """
import os
def sparse():
    with open("/tmp/x", "wb") as file: os.truncate(file.fileno(), 2**42)
attempt("sparse", sparse)
other = os.open("/tmp/y", os.O_CREAT | os.O_RDWR)
attempt("fallocate", lambda: os.posix_fallocate(other, 0, 2**40))
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "output",
        "50 MB of text at once",
        cells={"after double": "print('x' * 50_000_000)"},
        most=dict.fromkeys(AFTER_LOST, 4.0),
        noisy=True,
    ),
    Attack(
        "output_in_lines",
        "50 MB of text in lines",
        cells={"after double": "for n in range(50_000): print('x' * 1000)"},
        earns=AFTER_LOST,
        says=("printed more than 20 MB",),
        noisy=True,
    ),
    Attack(
        "output_for_ever",
        "an endless loop that prints",
        cells={
            "after double": "while True:\n"
            "    try: print('x' * 1000)\n    except BaseException: pass"
        },
        earns=AFTER_LOST,
        noisy=True,
    ),
    Attack(
        "displays",
        "50 MB of pictures, of HTML and of objects' own text",
        cells={
            "after double": """
from IPython.display import display, HTML
for n in range(500): display(HTML("<script>alert(1)</script>" + "x" * 100_000))
"""
        },
        earns=AFTER_LOST,
        says=("printed more than 20 MB",),
    ),
    Attack(
        "traceback",
        "an error of 50 MB, from a cell",
        cells={"after double": "raise ValueError('x' * 50_000_000)"},
        most=dict.fromkeys(AFTER_LOST, 4.0),
    ),
    Attack(
        "error_of_50_mb",
        "an error of 50 MB, from the function",
        doubles("def double(x): raise ValueError('x' * 50_000_000)\n"),
        earns=NOTHING,
    ),
    Attack(
        "picture_bomb",
        "a small picture that says it has 60,000 x 60,000 pixels",
        doubles(
            """
import struct, zlib, base64
from IPython.display import display
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
raw = zlib.compress(bytes(60_000 * 1000), 9)
size = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", size)
png += chunk(b"IDAT", raw) + chunk(b"IEND", b"")
display({"image/png": base64.b64encode(png).decode()}, raw=True)
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "big_integer",
        "an integer of a million digits, and one tensor a million times",
        {
            "last": "def last(xs): return 10**1_000_000\n",
            "double": "def double(x): return [x] * 1_000_000\n",
        },
        earns={"double": 0.0, "last": 0.0},
        says=("bits (at most", "10,000 tensors in one answer"),
    ),
]
