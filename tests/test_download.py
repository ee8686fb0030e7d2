"""`gpt_download.fetch` against a server on this machine that misbehaves in every known way."""

import base64
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import loopback
import pytest

import gpt_download
from gpt_download import DownloadError, fetch

BODY = bytes(range(256)) * 40  # 10,240 bytes
SHA = hashlib.sha256(BODY).hexdigest()
HALF = len(BODY) // 2
ROOT = Path(__file__).parent.parent


class Handler(loopback.Handler):
    """Each first part of the address is one way to behave."""

    def do_GET(self):
        name, n = self.ask()
        getattr(self, name)(n)

    def rest(self, **headers):
        super().rest(BODY, **headers)

    def good(self, n):
        self.rest()

    def slow(self, n):
        time.sleep(0.3)
        self.reply(200, BODY)

    def missing(self, n):
        self.reply(404, b"no such file")

    def busy(self, n):
        self.reply(503, b"come back later")

    def busy_once(self, n):
        self.rest() if n > 1 else self.reply(503, b"come back later")

    def cut(self, n):
        """Half of what is wanted, every time."""
        self.reply(200, BODY[:HALF], length=len(BODY))

    def cut_once(self, n):
        self.rest() if n > 1 else self.reply(200, BODY[:HALF], length=len(BODY))

    def cut_chunks(self, n):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"1000\r\n" + BODY[:0x800])

    def whole_again(self, n):
        """It knows no ranges."""
        self.reply(200, BODY[:HALF] if n == 1 else BODY, length=len(BODY))

    def wrong_range(self, n):
        self.reply(206, BODY[10:], Content_Range=f"bytes 10-{len(BODY) - 1}/{len(BODY)}")

    def wrong_bytes(self, n):
        self.reply(200, BODY[::-1])

    def page(self, n):
        """The sign-in page of a network."""
        self.reply(200, b"<html>Welcome to the Wi-Fi</html>")

    def html(self, n):
        self.reply(200, BODY, Content_Type="text/html; charset=utf-8")

    def html_in_disguise(self, n):
        self.reply(200, b"\n<!DOCTYPE HTML><title>Welcome</title>".ljust(len(BODY)))

    def odd_length(self, n):
        self.reply(200, BODY, length="plenty")

    def says_too_little(self, n):
        self.reply(200, BODY, length=HALF)

    def says_too_much(self, n):
        self.reply(200, BODY, length=2 * len(BODY))

    def hub(self, n):
        """It names the sha256, and sends us to where the bytes are."""
        self.reply(302, b"", Location="/good", X_Linked_ETag=f'"{SHA}"')

    def hub_of_another(self, n):
        self.reply(302, b"", Location="/good", X_Linked_ETag=f'"{"0" * 64}"')

    def md5(self, n):
        self.rest(Content_MD5=base64.b64encode(hashlib.md5(BODY).digest()).decode())

    def md5_of_another(self, n):
        self.rest(x_ms_blob_content_md5=base64.b64encode(bytes(16)).decode())

    def md5_of_the_rest(self, n):
        """Of what is sent, which is not the whole file: RFC 1864."""
        self.rest(Content_MD5=base64.b64encode(hashlib.md5(BODY[HALF:]).digest()).decode())

    def odd_digests(self, n):
        self.rest(Content_MD5="no base64!", X_Linked_ETag='"0123-456"')

    def loop(self, n):
        self.reply(302, b"", Location="/loop")

    def endless(self, n):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(BODY * 3)

    def no_length(self, n):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(BODY)

    def stall(self, n):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[:100])
        self.server.over.wait(5)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with loopback.serving(Handler) as server:
        yield server


@pytest.fixture
def get(server, tmp_path):
    """get("missing", "good", …): fetch from these mirrors, in this order."""
    path = tmp_path / "new" / "file.bin"

    def get(*mirrors, **options):
        options = {"sha256": SHA, "size": len(BODY), "pause": 0.0, "timeout": 2.0} | options
        return fetch([server.at + mirror for mirror in mirrors], path, **options)

    get.path, get.asked = path, server.asked
    return get


def left(get):
    """The names of all files that lie there afterwards."""
    return sorted(path.name for path in get.path.parent.iterdir())


def test_a_good_file_comes_whole_and_leaves_nothing_else(get):
    assert get("good") == get.path
    assert get.path.read_bytes() == BODY
    assert left(get) == ["file.bin"]


def test_one_address_may_be_a_plain_text(server, tmp_path):
    assert fetch(server.at + "good", tmp_path / "f", sha256=SHA.upper()).read_bytes() == BODY


def test_a_right_file_that_is_there_is_not_asked_for_again(get):
    get("good")
    get("good")
    assert len(get.asked["good"]) == 1


def test_a_wrong_file_that_is_there_is_kept_aside_said_and_replaced(get, capsys):
    get.path.parent.mkdir()
    get.path.write_bytes(b"edited")
    digest = hashlib.sha256(b"edited").hexdigest()[:8]
    get("good")
    assert get.path.read_bytes() == BODY
    assert left(get) == ["file.bin", f"file.bin.wrong-{digest}"]
    assert "refused" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bad", "tries", "why"),
    [
        ("missing", 1, "HTTP 404 Not Found"),
        ("busy", 3, r"HTTP 503 Service Unavailable \(3 tries\)"),
        ("cut", 3, r"cut off after 5,120 of 10,240 bytes \(3 tries\)"),
        ("page", 1, "it offers 33 bytes, and 10,240 were expected"),
        ("endless", 1, "it sends more than the 10,240 bytes"),
        ("wrong_bytes", 1, "refused, its sha256 begins with"),
        ("cut_chunks", 3, r"IncompleteRead.*\(3 tries\)"),
        ("html", 1, "a web page in place of the file"),
        ("html_in_disguise", 1, "a web page in place of the file"),
        ("odd_length", 1, "its Content-Length reads 'plenty'"),
        ("says_too_little", 1, "it offers 5,120 bytes, and 10,240 were expected"),
        ("says_too_much", 1, "it offers 20,480 bytes, and 10,240 were expected"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_serves(get, bad, tries, why):
    with pytest.raises(DownloadError, match=why):
        get(bad)
    assert not get.path.exists()
    assert len(get.asked[bad]) == tries
    assert get(bad, "good").read_bytes() == BODY
    assert not get.path.with_name("file.bin.part").exists()


def test_a_stall_ends_after_the_timeout(get):
    with pytest.raises(DownloadError, match=r"no byte in 0.1 s \(3 tries\)"):
        get("stall", timeout=0.1)
    assert not get.path.exists()


@pytest.mark.parametrize("mirror", ["good", "hub", "md5", "odd_digests", "no_length"])
def test_without_a_sha256_what_the_server_says_is_believed(get, mirror):
    assert get(mirror, sha256=None, size=None).read_bytes() == BODY


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("says_too_much", r"cut off after 10,240 of 20,480 bytes \(3 tries\)"),
        ("hub_of_another", "its sha256 begins with .*, and the server said 00000000"),
        ("md5_of_another", "its md5 begins with .*, and the server said 00000000"),
        ("html_in_disguise", "a web page"),
        ("loop", "HTTP 302"),
    ],
)
def test_without_a_sha256_a_server_that_contradicts_itself_is_not(get, bad, why):
    with pytest.raises(DownloadError, match=why) as caught:
        get(bad, sha256=None, size=None)
    assert "it must have" not in str(caught.value)
    assert not get.path.exists()


def test_a_known_sha256_outdoes_what_the_server_says(get):
    assert get("hub_of_another").read_bytes() == BODY


def test_where_the_hub_sends_us_the_rest_is_asked_for(get):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").write_bytes(BODY[:HALF])
    assert get("hub", sha256=None, size=None).read_bytes() == BODY
    assert get.asked["good"] == [f"bytes={HALF}-"]


def test_a_digest_of_the_rest_alone_says_nothing_of_the_file(get):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").write_bytes(BODY[:HALF])
    assert get("md5_of_the_rest", sha256=None, size=None).read_bytes() == BODY


def test_another_half_is_found_out_by_what_the_server_says(get):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").write_bytes(b"x" * HALF)
    assert get("hub", sha256=None, size=None).read_bytes() == BODY
    assert get.asked["good"] == [f"bytes={HALF}-", None]


def test_nobody_listening_is_said_at_once(get, server, tmp_path):
    with pytest.raises(DownloadError, match="connection refused"):
        fetch("http://127.0.0.1:9/x", tmp_path / "x", sha256=SHA, pause=5.0)


def test_an_unknown_name_is_said_at_once(monkeypatch, tmp_path):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DownloadError, match="is there a network"):
        fetch("http://no-such-host.invalid/x", tmp_path / "x", sha256=SHA, pause=5.0)


def test_the_error_says_where_from_and_where_to_put_the_file_by_hand(get):
    with pytest.raises(DownloadError) as caught:
        get("missing", "busy")
    said = str(caught.value)
    for part in ("/missing", "/busy", str(get.path), SHA, "10,240 bytes"):
        assert part in said


def test_no_address_at_all(get):
    with pytest.raises(DownloadError, match="no address was given"):
        get()


def test_a_cut_file_goes_on_where_it_stopped(get):
    assert get("cut_once").read_bytes() == BODY
    assert get.asked["cut_once"] == [None, f"bytes={HALF}-"]


def test_another_mirror_goes_on_where_the_first_stopped(get):
    with pytest.raises(DownloadError, match="cut off"):
        get("cut")
    assert get("missing", "good").read_bytes() == BODY
    assert get.asked["good"] == [f"bytes={HALF}-"]


def test_a_busy_server_gets_a_second_try(get):
    assert get("busy_once").read_bytes() == BODY
    assert len(get.asked["busy_once"]) == 2


@pytest.mark.parametrize("mirror", ["whole_again", "wrong_range"])
def test_a_server_without_the_right_range_starts_anew(get, mirror):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").write_bytes(BODY[:HALF])
    assert get(mirror, "whole_again").read_bytes() == BODY


@pytest.mark.parametrize("rest", [b"x" * HALF, b"x" * len(BODY), b"x" * (len(BODY) + 9)])
@pytest.mark.parametrize("size", [len(BODY), None])
def test_what_an_earlier_try_left_is_not_trusted(get, rest, size):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").write_bytes(rest)
    assert get("good", size=size).read_bytes() == BODY
    assert left(get) == ["file.bin"]


def test_a_whole_part_needs_no_network(get):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").write_bytes(BODY)
    assert get("missing").read_bytes() == BODY
    assert not get.asked["missing"]


def test_the_length_need_not_be_known(get):
    assert get("no_length", size=None).read_bytes() == BODY


def test_wrong_bytes_are_kept_aside_and_never_taken(get, capsys):
    with pytest.raises(DownloadError):
        get("wrong_bytes")
    digest = hashlib.sha256(BODY[::-1]).hexdigest()[:8]
    assert left(get) == [f"file.bin.wrong-{digest}"]
    assert f"file.bin.wrong-{digest}" in capsys.readouterr().out


def test_an_interrupted_download_leaves_no_file_of_that_name(get, monkeypatch):
    def stop(file):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(gpt_download.os, "fsync", stop)
        get("good")
    assert left(get) == ["file.bin.part"]
    assert get("good").read_bytes() == BODY


def test_a_full_disk_is_said(get, monkeypatch):
    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gpt_download.os, "fsync", full)
    with pytest.raises(DownloadError, match=r"No space left on device\. Free some space"):
        get("good")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's full disk")
def test_a_disk_that_is_full_indeed(get):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").symlink_to("/dev/full")
    with pytest.raises(DownloadError, match=r"No space left on device\. Free some space"):
        get("good")
    assert not get.path.exists()


def test_too_little_room_is_said_before_anything_is_written(get, monkeypatch):
    monkeypatch.setattr(gpt_download.shutil, "disk_usage", lambda path: SimpleNamespace(free=99))
    with pytest.raises(DownloadError, match=r"10,240 bytes more .* its disk has 99 free"):
        get("good")
    assert left(get) == []


def test_what_is_there_already_needs_no_room(get, monkeypatch):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.part").write_bytes(BODY[:HALF])
    monkeypatch.setattr(gpt_download.shutil, "disk_usage", lambda path: SimpleNamespace(free=HALF))
    assert get("good").read_bytes() == BODY


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written_is_said(server, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DownloadError, match=r"Permission denied.*a folder that you may write to"):
        fetch(server.at + "good", tmp_path / "new" / "x", sha256=SHA)


def test_a_folder_that_the_system_refuses_is_said(server, tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DownloadError, match=r"new: Permission denied\..*that you may write to"):
        fetch(server.at + "good", tmp_path / "new" / "x", sha256=SHA)


def test_a_folder_that_is_a_file_is_said(server, tmp_path):
    (tmp_path / "file").write_text("I am no folder")
    with pytest.raises(DownloadError, match="choose a folder"):
        fetch(server.at + "good", tmp_path / "file" / "x", sha256=SHA)


def test_without_tqdm(get, monkeypatch, capsys):
    monkeypatch.setattr(gpt_download, "tqdm", None)
    assert get("good").read_bytes() == BODY
    assert "getting 10240 bytes" in capsys.readouterr().out


def test_a_large_file_without_tqdm_shows_its_tenths(capsys):
    bar = gpt_download._Tenths("big", 0, 20_000_000)
    for _ in range(40):
        bar.update(500_000)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 10
    assert said[0] == "big:  10%, 2,000,000 bytes"


def test_quiet(get, capsys):
    get("good", progress=False)
    assert capsys.readouterr() == ("", "")


def test_two_threads_at_once_download_once(get):
    threads = [threading.Thread(target=get, args=("slow",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert get.path.read_bytes() == BODY
    assert len(get.asked["slow"]) == 1
    assert left(get) == ["file.bin"]


def test_two_processes_at_once_download_once(get, server):
    program = (
        "import sys, gpt_download as g\n"
        "print(g.fetch(sys.argv[1], sys.argv[2], sha256=sys.argv[3], progress=False))"
    )
    command = [sys.executable, "-c", program, server.at + "slow", str(get.path), SHA]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in started:
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0, err.decode()
        assert out.decode().strip() == str(get.path)
    assert get.path.read_bytes() == BODY
    assert left(get) == ["file.bin"]


def test_a_lock_that_a_dead_process_left_does_not_stop_anybody(get):
    get.path.parent.mkdir()
    get.path.with_name("file.bin.lock").write_bytes(b"")
    assert get("good").read_bytes() == BODY


def test_the_file_works_alone(server, tmp_path):
    """Beside a notebook, with no course around it and no package installed."""
    (tmp_path / "gpt_download.py").write_bytes((ROOT / "gpt_download.py").read_bytes())
    program = f"import gpt_download as g; g.fetch({server.at + 'good'!r}, 'f', sha256={SHA!r})"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {program}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f").read_bytes() == BODY
