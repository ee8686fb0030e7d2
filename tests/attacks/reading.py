"""Attacks that read what is not theirs: tests, grades, the environment, other processes."""

from attack import LOOK, NONE, NOTHING, Attack, doubles

READS = [
    Attack(
        "read_tests",
        "opens, imports and looks everywhere for the hidden tests",
        doubles(
            LOOK
            + """
import importlib, pkgutil, linecache, sys
for path in ("@root@/autograder/hidden/@lab@.py", "@root@/solutions/@lab@.py", "@root@", "/work",
             "@root@/autograder/hidden", "@root@/autograder/mistakes/@lab@.py"):
    print(read(path))
    print(linecache.getlines(path))
for name in ("autograder.hidden.@lab@", "autograder.tester", "autograder.grading"):
    attempt(name, lambda: importlib.import_module(name))
for folder in ["/", "@root@", *sys.path]:
    for here, folders, files in os.walk(folder):
        if here.startswith(("/proc", "/sys", "/usr")) or here.count("/") > folder.count("/") + 1:
            folders.clear()
        for name in files:
            if "@lab@" in name and not here.endswith("checks"):  # those are for all to read
                print("ESC" + "APED:", here, name)
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "read_course",
        "reads the gradebook, what others handed in, and the grader's home",
        doubles(
            LOOK
            + """
import sqlite3, pathlib
for path in ("@course@/gradebook.db", "@course@/submitted/alice/@lab@/@lab@.ipynb", "@course@",
             "@home@/.ssh/id_ed25519", "@home@/log", "@home@", "@temporary@", "/root", "/home",
             "/etc/shadow", "/etc/hostname", "/etc/passwd", "/var", "/run", "/mnt", "/srv", "/opt"):
    print(read(path))
attempt("gradebook", lambda: sqlite3.connect("file:@course@/gradebook.db?mode=ro", uri=True)
        .execute("select * from sqlite_master").fetchall())
attempt("write", lambda: open("@course@/gradebook.db", "ab").write(b"4.0"))
attempt("home", lambda: list(pathlib.Path("~root").expanduser().iterdir()))
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "environment",
        "looks for the grader's environment and command line",
        doubles(
            LOOK
            + """
print(dict(os.environ))
pids = [*filter(str.isdigit, os.listdir("/proc")), "@grader@", "self", "thread-self"]
for pid in pids:
    for name in ("environ", "cmdline", "status", "stack", "auxv", "mountinfo"):
        print(read(f"/proc/{pid}/{name}", 100_000))
assert "GRADER" + "_TOKEN" not in os.environ
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "proc",
        "goes through /proc: other roots, open files, memory, the kernel's own",
        doubles(
            LOOK
            + """
for pid in [pid for pid in os.listdir("/proc") if pid.isdigit()] + ["@grader@"]:
    if pid == str(os.getpid()):
        continue
    for name in ("root", "cwd", "fd", "map_files", "exe"):
        attempt(f"/proc/{pid}/{name}", lambda: pid == "1" and os.listdir(f"/proc/{pid}/{name}/."))
    for name in ("root@course@/gradebook.db", "root@home@/.ssh/id_ed25519", "cwd/course", "maps"):
        print(read(f"/proc/{pid}/{name}"))
for name in ("kcore", "kmsg", "kallsyms", "1/mem", "keys", "sched_debug", "sysrq-trigger"):
    print(read(f"/proc/{name}", 100))
attempt("write", lambda: open("/proc/sys/kernel/core_pattern", "w").write("|/bin/sh"))
attempt("write", lambda: open("/proc/sysrq-trigger", "w").write("b"))
attempt("write", lambda: open("/proc/1/oom_score_adj", "w").write("1000"))
attempt("write", lambda: open("/proc/1/mem", "r+b"))
""".replace('lambda: pid == "1" and os.listdir', "lambda: os.listdir")
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "descriptors",
        "uses every file and socket that it was born with",
        doubles(
            LOOK
            + """
import socket, stat, array
for name in os.listdir("/proc/self/fd"):
    try:
        number, kind = int(name), os.fstat(int(name)).st_mode
        print(name, os.readlink(f"/proc/self/fd/{name}"), oct(kind))
    except OSError:
        continue
    if stat.S_ISSOCK(kind):
        one = socket.socket(fileno=os.dup(number))
        print(one.family, one.type, repr(one.getsockname()), one.getsockopt(1, 30))
        if one.family == socket.AF_UNIX and not one.getsockname():
            try:
                print("peer", one.getpeername(), one.getsockopt(1, 17, 12))
            except OSError:
                pass
    if stat.S_ISDIR(kind):
        print("ESC" + "APED: a folder", os.listdir(number))
print([(name, os.stat(f"/proc/self/fd/{name}").st_dev) for name in ("0", "1", "2")])
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "covered_module",
        "gets at the lab's own answers: importlib, reload, pkgutil, files",
        doubles(
            LOOK
            + """
import importlib, importlib.util, pkgutil, sys, gc, inspect
import gptlab
attempt("import", lambda: importlib.import_module("gptlab.covered").double)
def again():
    module = importlib.import_module("gptlab.covered")
    return importlib.reload(module).double
attempt("reload", again)
print(pkgutil.get_data("gptlab", "covered.py"))
for folder in [*sys.path, *gptlab.__path__, "@root@", sys.prefix, "/usr/lib/python3"]:
    for path in ("gptlab/covered.py", "covered.py", "gptlab/__pycache__/covered.cpython-311.pyc"):
        attempt(path, lambda: "CAN" + "ARY" in open(os.path.join(folder, path)).read() or 1 / 0)
spec = importlib.util.find_spec("gptlab.covered")
print(spec.loader.get_source("gptlab.covered"), spec.loader.get_data(spec.origin))
for name, module in list(sys.modules.items()):
    if "covered" in name:
        print(name, vars(module).keys())
attempt("found", lambda: next(o for o in gc.get_objects() if inspect.isfunction(o)
                              and o.__module__ == "gptlab.covered" and o.__name__ == "double"))
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "shells",
        "%%script, !, subprocess and system: what a shell sees",
        {
            "double": "found = !cat @course@/gradebook.db @home@/.ssh/id_ed25519 /proc/1/environ\n"
            "print(found)\n!env; ls -la / /tmp @root@; id; ps aux; mount | head -50\n"
            "import os, subprocess\nos.system('cat @root@/autograder/hidden/*')\n"
            "print(subprocess.run('ls -R /etc /tmp /root; cat /etc/shadow', shell=True,"
            " capture_output=True).stdout)\n" + NONE,
        },
        {
            "after double": "%%script bash\n"
            "touch /tmp/@marker@ /dev/shm/@marker@ @temporary@/@marker@\n"
            "cat @course@/gradebook.db; echo 1000 > @course@/gradebook.db; exit 1"
        },
        earns=NOTHING,
        ends_in="CalledProcessError",
    ),
    Attack(
        "links",
        "links in its own folder that lead the grader or another reader out",
        doubles(
            LOOK
            + """
import pathlib
for name, to in zip("abcd", ("/proc/1/root", "@course@/gradebook.db", "@root@", "/")):
    os.symlink(to, name)
    print(read(name))
    print(read(name + "@course@/gradebook.db"))
os.symlink("@course@/gradebook.db", "/tmp/notebook.png")
from IPython.display import Image
attempt("image", lambda: Image(filename="/tmp/notebook.png"))
attempt("image", lambda: Image(filename="@home@/.ssh/id_ed25519"))
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "spy_on_questions",
        "records what the tests ask, and tells it in an error message",
        doubles("""
from autograder.verbs import Verbs
asked, answer = [], Verbs.answer
def listen(self, request):
    asked.append(repr(request))
    return answer(self, request)
Verbs.answer = listen
import gc
def double(x): raise ValueError(" ".join(asked)[-480:])
"""),
        earns=NOTHING,
        says=("raised ValueError",),
    ),
    Attack(
        "neighbour",
        "looks for what the notebook that is graded beside it leaves about",
        doubles(
            LOOK
            + """
import glob, socket, time
run = os.environ["GPTLAB_SOCKETS"]
def connect():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\\0gptlab-neighbour")
        return one.recv(100)
until = time.monotonic() + 2
while time.monotonic() < until:
    attempt("its socket", connect)
    for pattern in ("/tmp/*", "/tmp/*/*", "/dev/shm/*", run + "/../../*/run/*", "/proc/*/environ"):
        for path in glob.glob(pattern):
            if not path.startswith(run):
                print(read(path))
    time.sleep(0.3)
"""
            + NONE
        ),
        earns=NOTHING,
        noisy=True,
    ),
]
