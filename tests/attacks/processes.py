"""Attacks by processes: they end, hang, multiply, and stay behind."""

from attack import AFTER_LOST, NOTHING, STOPPED, WAIT, Attack, doubles

PROCESSES = [
    Attack(
        "exit",
        "os._exit in a cell",
        cells={"after double": "import os; os._exit(0)"},
        earns=AFTER_LOST,
        says=("the notebook's process ended in cell",),
    ),
    Attack(
        "exit_in_answer",
        "os._exit in the function, when a test calls it",
        doubles("import os\ndef double(x): os._exit(0)\n"),
        earns=NOTHING,
        says=("the process ended in the middle of this call",),
    ),
    Attack(
        "crash",
        "a null pointer, which a core dump would be written of",
        cells={"after double": "import ctypes; ctypes.string_at(0)"},
        earns=AFTER_LOST,
        says=("the notebook's process ended",),
    ),
    Attack(
        "abort",
        "abort() in the function, and a core dump if it can",
        doubles(
            "import os, resource\ndef double(x):\n"
            "    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n    os.abort()\n"
        ),
        earns=NOTHING,
    ),
    Attack(
        "stops_itself",
        "SIGSTOP for its own process, in the function",
        doubles("import os, signal\ndef double(x): os.kill(os.getpid(), signal.SIGSTOP)\n"),
        earns=NOTHING,
        says=("no answer after 2 s",),
    ),
    Attack(
        "stops_kernel",
        "SIGSTOP for the kernel, in a cell",
        cells={"after double": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"},
        earns=AFTER_LOST,
        says=(STOPPED,),
        noisy=True,
    ),
    Attack(
        "kills_all",
        "kills every process that it may, at the end",
        cells={"end": "import os; os.kill(-1, 9)"},
        earns={"double": 0.0, "scale": 0.0, "last": 0.0},
        says=("ended before this test",),
    ),
    Attack(
        "closes_everything",
        "closes every file that is open",
        cells={"after double": "import os; os.closerange(0, 1000)"},
        most=dict.fromkeys(AFTER_LOST, 4.0),
    ),
    Attack(
        "loop",
        "an endless loop in a cell",
        cells={"after double": "while True: pass"},
        says=(STOPPED, "endless loop"),
        noisy=True,
        ends_in="KeyboardInterrupt",
    ),
    Attack(
        "loop_swallows",
        "one that swallows every exception and ignores every signal",
        cells={
            "after double": """
import signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        while True: time.sleep(0.01)
    except BaseException: pass
"""
        },
        earns=AFTER_LOST,
        says=(STOPPED,),
        noisy=True,
    ),
    Attack(
        "loop_in_c",
        "a regular expression that backtracks for years: no signal is handled",
        cells={"after double": "import re; re.match('(a+)+$', 'a' * 60 + 'b')"},
        says=(STOPPED,),
        ends_in="KeyboardInterrupt",
    ),
    Attack(
        "loop_in_answer",
        "an endless loop in the function",
        doubles(
            "def double(x):\n    while True:\n        try:\n            while True: pass\n"
            "        except BaseException: pass\n"
        ),
        earns=NOTHING,
        says=("is there an endless loop?", "an earlier test of this item"),
        noisy=True,
    ),
    Attack(
        "slow_close",
        "objects whose __del__ and atexit never end",
        cells={
            "first": """
import atexit, time
class Slow:
    def __del__(self): time.sleep(600)
kept = Slow()
atexit.register(time.sleep, 600)
"""
        },
    ),
    Attack(
        "fork_bomb",
        "forks in a loop, each fork too",
        cells={
            "after double": """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
        },
        earns=AFTER_LOST,
        most={"double": 4.0},
        noisy=True,
    ),
    Attack(
        "fork_bomb_in_answer",
        "the same, from the function",
        doubles(
            "import os\ndef double(x):\n    while True:\n        try: os.fork()\n"
            "        except OSError: pass\n"
        ),
        earns=NOTHING,
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
        noisy=True,
    ),
    Attack(
        "threads",
        "threads without end",
        cells={
            "after double": """
import threading, time
while True:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
"""
        },
        most=dict.fromkeys(AFTER_LOST, 4.0),
        noisy=True,
        ends_in="RuntimeError",
    ),
    Attack(
        "spinning",
        "forty processes that do nothing but compute",
        cells={
            "after double": """
import os
for _ in range(40):
    if os.fork() == 0:
        while True: pass
"""
            + WAIT
        },
        earns=AFTER_LOST,
        most={"double": 4.0},
        noisy=True,
    ),
    Attack(
        "stays_behind",
        "a process of its own session, its parents gone, that ignores all signals",
        cells={
            "after double": """
import subprocess, os, signal
subprocess.Popen("trap '' 1 2 3 15; setsid sh -c 'trap \\"\\" 1 2 3 15; sleep 600' & sleep 600",
                 shell=True, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (1, 2, 3, 13, 15): signal.signal(number, signal.SIG_IGN)
        import time
        while True: time.sleep(1)
    os._exit(0)
"""
        },
    ),
    Attack(
        "daemon_of_tests",
        "the function starts processes that go on after the test",
        doubles(
            "import os, time\ndef double(x):\n    if os.fork() == 0:\n        os.setsid()\n"
            "        time.sleep(600)\n    return None\n"
        ),
        earns=NOTHING,
    ),
]
