"""Attacks that reach out: the network, other programs, privileges, the code itself."""

from attack import ATTEMPT, LOOK, NONE, NOTHING, Attack, doubles

REACHES = [
    Attack(
        "network",
        "TCP, UDP, raw, netlink and virtual-machine sockets, out and to the loopback",
        doubles(
            ATTEMPT
            + """
import socket, urllib.request
def connect(family, kind, address):
    with socket.socket(family, kind) as one:
        one.settimeout(0.3)
        one.connect(address)
        if kind == socket.SOCK_DGRAM:
            one.send(b"x")
        return one.recv(100)
for host in ("127.0.0.1", "localhost", "0.0.0.0", "192.0.2.1", "169.254.169.254", "10.0.0.1"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        attempt((host, kind), lambda: connect(socket.AF_INET, kind, (host, @port@)))
attempt("::1", lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", @port@)))
attempt("http", lambda: urllib.request.urlopen("http://127.0.0.1:@port@", timeout=0.3).read())
attempt("names", lambda: socket.getaddrinfo("example.org", 80))
for family in (socket.AF_PACKET, socket.AF_VSOCK, 31, 38, 44):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        attempt(("family", family, kind), lambda: socket.socket(family, kind).family)
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
print(socket.if_nameindex())
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "unix_sockets",
        "the abstract sockets and the sockets in folders of other programs",
        doubles(
            ATTEMPT
            + """
import socket, os
def connect(address):
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(0.3)
        one.connect(address)
        return one.recv(100)
attempt("abstract", lambda: connect("\\0@abstract@"))
for path in ("/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
             "/run/systemd/private", "@temporary@"):
    attempt(path, lambda: connect(path))
mine = os.path.dirname(os.path.dirname(os.environ["GPTLAB_SOCKETS"]))
print(os.listdir(mine), os.listdir(os.path.dirname(mine)))
for number in range(60):
    for name in ("0.sock", "1.sock", "k-1", "kernel.json"):
        path = f"{os.path.dirname(mine)}/s{number}/run/{name}"
        if os.path.dirname(path) != os.environ["GPTLAB_SOCKETS"]:
            attempt(path, lambda: open(path).read() if name[0] == "k" else connect(path))
"""
            + NONE
        ),
        earns=NOTHING,
        noisy=True,
    ),
    Attack(
        "channels",
        "channels that no namespace closes: keys, shared memory, queues, memfd",
        doubles(
            ATTEMPT
            + """
import ctypes, os, errno
from autograder import syscalls
libc = ctypes.CDLL(None, use_errno=True)
column = ("x86_64", "aarch64").index(os.uname().machine)
def call(name, *args):
    found = libc.syscall(syscalls.REFUSED[name][column], *args)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
name = ctypes.c_char_p(b"user"), ctypes.c_char_p(b"gptlab"), ctypes.c_char_p(b"x")
attempt("add_key", lambda: call("add_key", *name, 1, -4))
attempt("request_key", lambda: call("request_key", name[0], name[1], None, -4))
attempt("keyctl", lambda: call("keyctl", 0, -4, 1))
attempt("shmget", lambda: call("shmget", 4711, 4096, 0o1666))
attempt("mq_open", lambda: call("mq_open", name[1], 0o102, 0o666, None))
attempt("memfd", lambda: os.memfd_create("x"))
attempt("perf", lambda: call("perf_event_open", 0, None, -1, -1, 0))
attempt("userfaultfd", lambda: call("userfaultfd", 0))
attempt("io_uring", lambda: call("io_uring_setup", 1, None))
attempt("personality", lambda: call("personality", 0x0040000))
attempt("affinity", lambda: os.sched_setaffinity(0, range(os.cpu_count())))
attempt("syslog", lambda: call("syslog", 3, ctypes.create_string_buffer(99), 99))
for other in syscalls.REFUSED:
    attempt(other, lambda: call(other, 0, 0, 0, 0, 0, 0))
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "privileges",
        "root, namespaces, mounts, chroot, devices, and the 32-bit system calls",
        doubles(
            ATTEMPT
            + """
import ctypes, os, resource
from autograder.syscalls import CLONE as clone, CLONE3 as clone3
libc = ctypes.CDLL(None, use_errno=True)
column = ("x86_64", "aarch64").index(os.uname().machine)
def check(found):
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
attempt("setuid", lambda: os.setuid(0))
attempt("setgroups", lambda: os.setgroups([0]))
flags = {"user": 0x10000000, "mount": 0x20000, "net": 0x40000000, "pid": 0x20000000}
for name, flag in flags.items():
    attempt(("unshare", name), lambda: check(libc.unshare(flag)))
    attempt(("clone", name), lambda: check(libc.syscall(clone[column], flag | 17, 0, 0, 0, 0)))
attempt("clone3", lambda: check(libc.syscall(clone3[column], ctypes.create_string_buffer(88), 88)))
attempt("mount", lambda: check(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)))
attempt("remount", lambda: check(libc.mount(b"none", os.environ["GPTLAB_SOCKETS"].encode(), None,
                                            0x1020, None)))
attempt("umount", lambda: check(libc.umount2(b"/proc", 2)))
attempt("chroot", lambda: os.chroot("/tmp"))
attempt("mknod", lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)))
attempt("setns", lambda: check(libc.setns(os.open("/proc/1/ns/net", 0), 0)))
attempt("sethostname", lambda: check(libc.sethostname(b"x", 1)))
attempt("other numbers", lambda: check(libc.syscall(0x40000000 + 39)))
attempt("su", lambda: os.system("su -c id root </dev/null 2>/dev/null") and 1 / 0)
attempt("uid_map", lambda: os.write(os.open("/proc/self/uid_map", os.O_WRONLY), b"0 0 1"))
for name in ("AS", "CPU", "NPROC", "NOFILE", "CORE", "FSIZE"):
    which = getattr(resource, "RLIMIT_" + name)
    attempt(("more", name), lambda: resource.setrlimit(which, (-1, -1)))
attempt("nice", lambda: os.nice(-5))
attempt("realtime", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "other_processes",
        "traces, reads, signals and ends process 1 and all that it sees",
        doubles(
            ATTEMPT
            + """
import ctypes, os, signal, time
libc = ctypes.CDLL(None, use_errno=True)
def check(found):
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
attempt("ptrace", lambda: check(libc.ptrace(16, 1, 0, 0)))
attempt("seize", lambda: check(libc.ptrace(0x4206, 1, 0, 0)))
attempt("vm_readv", lambda: check(libc.process_vm_readv(1, None, 0, None, 0, 0)))
attempt("pidfd_getfd", lambda: check(libc.syscall(438, os.pidfd_open(1), 0, 0)))
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    os.kill(1, number)  # the system keeps process 1 from all of these
mine = set(map(int, os.listdir("/proc/self/task")))
for number in range(2, 4000):
    if number not in mine:
        attempt(number, lambda: os.kill(number, 0))
attempt("the grader", lambda: os.kill(@grader@, signal.SIGKILL))
time.sleep(0.1)
assert os.path.exists("/proc/1")
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "write_code",
        "writes to the library, to Python, to the system and beside its sockets",
        doubles(
            LOOK
            + """
import sys, gptlab, autograder, torch, shutil, json
run = os.environ["GPTLAB_SOCKETS"]
for path in (gptlab.__file__, autograder.__file__, torch.__file__, sys.executable, "/usr/x",
             "/etc/x", "/x", run + "/x", run + "/kernel.json", "/dev/x", "/dev/sda", "/proc/x",
             "@root@/x", "@home@/x"):
    attempt(path, lambda: open(path, "ab").write(b"x") and path.startswith("never"))
    attempt(path, lambda: os.chmod(path, 0o777))
attempt("unlink", lambda: os.unlink(run + "/0.sock"))
attempt("rename", lambda: os.rename(run + "/0.sock", run + "/1.sock"))
attempt("link", lambda: os.symlink("/proc/1/root", run + "/link"))
attempt("rmtree", lambda: shutil.rmtree(os.path.dirname(gptlab.__file__)))
attempt("bind", lambda: __import__("socket").socket(1).bind(run + "/9.sock"))
# Its own, in memory: what is written there reaches nobody.
for folder in (run + "/..", run + "/../..", "@temporary@", "/tmp", "/dev/shm"):
    print(folder, read(folder))
    try:
        open(folder + "/@marker@", "w").close()
    except OSError as error:
        print(error.strerror)
"""
            + NONE
        ),
        earns=NOTHING,
    ),
]
