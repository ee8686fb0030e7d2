"""Attacks by the messages that a kernel sends: any content, any size, no end."""

from attack import NONE, NOTHING, Attack, doubles

# The kernel's own sockets and key, to send what a kernel never sends.
KERNEL = """
kernel = get_ipython().kernel
session, iopub = kernel.session, kernel.iopub_socket
parent = kernel.get_parent("shell")
def send(kind, content, **more):
    session.send(iopub, kind, content, parent=parent, ident=b"x", **more)
"""


def kernel(id, tries, text, **more):
    return Attack(id, tries, doubles(NONE), {"after double": KERNEL + text}, earns=NOTHING, **more)


MESSAGES = [
    kernel(
        "forged_messages",
        "messages of the kernel with any content: types, counts, no content",
        """
for count in ([1], {"a": 1}, 10**30, "x"):
    send("execute_input", {"execution_count": count})
send("execute_input", {})
send("stream", {"name": 5, "text": {"a": [1]}})
send("execute_result", {"data": {"text/plain": 7, "text/html": ["<script>"]}, "metadata": [],
                        "execution_count": []})
send("error", {"ename": 1, "evalue": [], "traceback": "x"})
send("display_data", {"data": {"image/png": "no picture", "../../x": 1}, "metadata": {},
                      "transient": {"display_id": "a"}})
send("update_display_data", {"data": {}, "metadata": {}, "transient": {"display_id": "a"}})
send("status", {"execution_state": "idle"})
send("status", {"execution_state": "restarting"})
send("no_such_thing", {})
""",
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "counts_that_are_none",
        "a count of its cell that is a list, as the last word",
        'send("execute_input", {"execution_count": [1], "code": ""})',
    ),
    kernel(
        "no_content",
        "messages without the fields that they need",
        'send("status", {})\nsend("stream", {})\nsend("clear_output", {})',
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "deep_message",
        "a message of the kernel that is 900 levels deep",
        """
deep = 1
for _ in range(900): deep = [deep]
send("display_data", {"data": {"text/plain": "x"}, "metadata": {"a": deep}, "transient": {}})
send("display_data", {"data": {"application/json": deep}, "metadata": {}, "transient": {}})
""",
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "unsigned",
        "messages with a wrong key, without one, and that are no JSON",
        """
iopub.send_multipart([b"x", b"<IDS|MSG>", b"wrong", b"{}", b"{}", b"{}", b"{}"])
iopub.send_multipart([b"x", b"<IDS|MSG>", b""])
iopub.send_multipart([b""])
signed = [b'[' * 5000, b"{}", b"{}", b"\\xff\\xfe"]
iopub.send_multipart([b"x", b"<IDS|MSG>", session.sign(signed), *signed])
""",
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "forged_reply",
        "its own reply to the order to fork, and to cells that did not run yet",
        """
import threading, time
def later():
    for _ in range(60):
        time.sleep(0.02)
        send("status", {"execution_state": "idle"})
threading.Thread(target=later, daemon=True).start()
""",
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "restart",
        "asks to be restarted, shut down, and for input",
        """
from IPython.display import display
try:
    input("password")
except Exception as error:
    print(type(error).__name__)
import sys
print(repr(sys.stdin.read(5)) if sys.stdin else "")
get_ipython().ask_exit()
payload = {"source": "set_next_input", "text": "1", "replace": True}
get_ipython().payload_manager.write_payload(payload)
""",
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "shutdown",
        "sends itself the order to shut down",
        """
import json, os, zmq
with open(os.environ["GPTLAB_SOCKETS"] + "/kernel.json") as file:
    info = json.load(file)
line = zmq.Context().socket(zmq.DEALER)
line.connect(f"ipc://{info['ip']}-{info['control_port']}")
session.send(line, "shutdown_request", {"restart": True})
import time
time.sleep(0.5)
""",
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "comms",
        "opens 300 widgets with a megabyte of bytes each, and one that catches all outputs",
        """
for number in range(300):
    send("comm_open", {"comm_id": str(number), "target_name": "jupyter.widget",
                       "data": {"state": {}, "buffer_paths": [["a"]]}}, buffers=[bytes(10**6)])
state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel",
         "outputs": [], "msg_id": parent["header"]["msg_id"]}
send("comm_open", {"comm_id": "o", "target_name": "jupyter.widget", "data": {"state": state}})
send("comm_msg", {"comm_id": "o", "data": {"method": "update", "state": state}})
for number in range(300):
    send("comm_msg", {"comm_id": str(number), "data": {"method": "update", "state": {"x": 1},
                      "buffer_paths": [["a"]]}}, buffers=[bytes(10**6)])
""",
        noisy=True,
    ),
    kernel(
        "display_updates",
        "5,000 outputs under one name, and as many updates of all",
        """
for number in range(5000):
    send("display_data", {"data": {"text/plain": "x"}, "metadata": {},
                          "transient": {"display_id": "a"}})
for number in range(5000):
    send("update_display_data", {"data": {"text/plain": "y"}, "metadata": {},
                                 "transient": {"display_id": "a"}})
""",
        noisy=True,
        most={"scale": 4.0, "why": 2.0, "last": 2.0},
    ),
    kernel(
        "endless_message",
        "one message of the kernel that never ends, past its own library",
        """
import os, select, socket, struct, threading
def pour(one):
    piece = b"\\x03" + struct.pack(">Q", 15 * 2**20) + bytes(15 * 2**20)  # there is more to come
    left = memoryview(piece)
    while True:
        select.select([], [one], [])
        try:
            left = left[one.send(left):] or memoryview(piece)
        except BlockingIOError:
            pass
for name in os.listdir("/proc/self/fd"):
    try:
        one = socket.socket(fileno=os.dup(int(name)))
        ours = one.getsockname().endswith(("k-1", "k-2")) and one.getpeername() is not None
    except (OSError, AttributeError):
        continue
    if ours:
        threading.Thread(target=pour, args=(one,), daemon=True).start()
import time
while True:
    try: time.sleep(1)
    except BaseException: pass
""",
        most={"double": 0.0, "scale": 4.0, "why": 2.0, "last": 2.0},
        noisy=True,
    ),
]
