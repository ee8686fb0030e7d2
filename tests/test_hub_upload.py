"""Sending a model's folder: the dry run, a stand-in for the hub on this machine, every refusal."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys

import hub_sample
import pytest
from hub_server import Hub
from loopback import serving

from gptlab import hub

huggingface_hub = pytest.importorskip("huggingface_hub")
constants = pytest.importorskip("huggingface_hub.constants")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "model"
    return hub.save(folder, hub_sample.model(), hub_sample.tokenizer(), hub_sample.RUN)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No token and no hub of whoever runs the tests."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HF_TOKEN_PATH", "HF_STORED_TOKENS_PATH"):
        monkeypatch.setattr(constants, name, str(tmp_path / "none"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    # its storage of chunks has a server of its own; the older way is what the stand-in speaks
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    huggingface_hub.close_session()
    yield
    huggingface_hub.close_session()


@pytest.fixture
def server(monkeypatch):
    with serving(Hub) as server:
        server.repos, server.large, server.created, server.status = {}, {}, [], {}
        server.private, server.odd = False, ""
        monkeypatch.setenv("HF_ENDPOINT", server.at)
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        yield server


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# The dry run.


def test_a_dry_run_says_what_would_go_where(made, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert hub.main([str(made), "--to", "ada/my-chat", "--dry-run"]) == 0
    told = capsys.readouterr().out
    at = "https://huggingface.co/ada/my-chat/resolve/main/"
    found = re.findall(rf"^ *([\d,]+)  ([0-9a-f]{{64}})  {at}(\S+)$", told, re.MULTILINE)
    expected = {(f"{len(raw):,}", hashlib.sha256(raw).hexdigest(), name)
                for name, raw in contents(made).items()}  # fmt: skip
    assert set(found) == expected and len(found) == 7
    total = sum(map(len, contents(made).values()))
    assert f"{total:,} bytes in 7 files" in told and "nothing was sent: a dry run" in told


def test_a_dry_run_asks_no_server(made, server):
    assert hub.main([str(made), "--to", "ada/my-chat", "--dry-run"]) == 0
    assert not server.asked


def test_without_a_name_the_folder_is_looked_at(made, capsys):
    assert hub.main([str(made)]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{made}: whole; ") and "nothing was sent; --to user/name" in told


@pytest.mark.parametrize(("words", "said"), [
    ([], "gptlab.hub: the following arguments are required: folder"),
    (["small", "--dryrun"], "unrecognized arguments: --dryrun. Did you mean --dry-run?"),
    (["small", "more"], "unrecognized arguments: more. An option begins with --"),
])  # fmt: skip
def test_a_mistyped_option_is_a_sentence(capsys, words, said):
    with pytest.raises(SystemExit) as stopped:
        hub.main(words)
    err = capsys.readouterr().err
    assert stopped.value.code == 2 and said in err and "usage" not in err and err.count("\n") == 2


# Sending.


def test_what_arrives_is_what_is_in_the_folder(made, server, capsys):
    assert hub.main([str(made), "--to", "ada/my-chat"]) == 0
    assert server.repos == {"ada/my-chat": contents(made)}
    assert set(server.large) == {hashlib.sha256(contents(made)["model.safetensors"]).hexdigest()}
    assert f"sent to {server.at}ada/my-chat" in capsys.readouterr().out
    asked = {name: seen for name, seen in server.asked.items() if not name.startswith("PUT")}
    assert all(token == "Bearer hf_secret" for seen in asked.values() for token in seen)


def test_what_arrives_can_be_loaded(made, server, tmp_path):
    hub.send(made, "ada/my-chat")
    (tmp_path / "got").mkdir()
    for name, raw in server.repos["ada/my-chat"].items():
        (tmp_path / "got" / name).write_bytes(raw)
    assert hub.load(tmp_path / "got").run == hub_sample.RUN


def test_nothing_else_of_a_folder_goes(made, server, tmp_path, capsys):
    folder = shutil.copytree(made, tmp_path / "m")
    (folder / ".env").write_text("PASSWORD=1")
    (folder / "sub").mkdir()
    assert hub.main([str(folder), "--to", "ada/my-chat"]) == 0
    assert set(server.repos["ada/my-chat"]) == set(hub.FILES)
    assert "stays here: .env, sub" in capsys.readouterr().out


def test_a_second_time_it_is_replaced(made, server, tmp_path):
    hub.send(made, "ada/my-chat")
    other = hub.save(tmp_path / "m", hub_sample.model(n_layer=1), hub_sample.tokenizer())
    hub.send(other, "ada/my-chat")
    assert server.repos["ada/my-chat"] == contents(other)


def test_a_run_of_train_is_sent(made, server, tmp_path):
    shutil.copytree(made, tmp_path / "run" / "chat")
    assert hub.main([str(tmp_path / "run"), "--to", "ada/x"]) == 0
    assert server.repos["ada/x"] == contents(made)


def test_private_is_private(made, server, capsys):
    assert hub.main([str(made), "--to", "ada/x", "--private"]) == 0
    assert server.created[0].get("visibility") == "private" or server.created[0]["private"]
    server.private = False
    assert hub.main([str(made), "--to", "ada/x", "--private"]) == 2
    assert "ada/x is there already, and everybody can read it" in capsys.readouterr().err
    assert sum("/commit/" in name for name in server.asked) == 1


# Refusals: one sentence each, exit code 2, and nothing sent.


def refused(capsys, *arguments):
    assert hub.main([str(one) for one in arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("gptlab.hub: ") and "Traceback" not in told
    assert len(told.splitlines()) == 1 and "hf_secret" not in told
    return told


@pytest.mark.parametrize(
    "name",
    ["ada", "ada/", "/x", "a/b/c", "ada/my chat", "ada/x--y", "ada/.x", "ada/x.git", "a..b/c",
     "ada/" + "x" * 96, "https://huggingface.co/ada/x", "ada/x\n"],
)  # fmt: skip
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_bad_name(made, server, capsys, name, more):
    assert "is no name on the hub: expected user/name" in refused(
        capsys, made, "--to", name, *more
    )
    assert not server.asked


def test_no_token(made, server, capsys, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    told = refused(capsys, made, "--to", "ada/x")
    assert "no token: make one that may write at https://huggingface.co/settings/tokens" in told
    assert not server.asked


@pytest.mark.parametrize(
    ("where", "status", "said"),
    [
        ("/repos/create", 401, "the hub does not know this token (401)"),
        ("/repos/create", 403, "this token may not write to ada/x (403). Is ada your user"),
        ("/repos/create", 400, "the hub answered 400"),
        ("/preupload/", 403, "this token may not write to ada/x (403)"),
        ("/preupload/", 404, "the hub answered 404"),
        ("/objects/batch", 403, "this token may not write to ada/x (403)"),
        ("/put/", 403, "this token may not write to ada/x (403)"),
        ("/commit/", 401, "the hub does not know this token (401)"),
        ("/commit/", 412, "Nothing was committed"),
        ("/commit/", 500, "the hub answered 500 to what was sent to ada/x: "),
    ],
)
def test_what_the_hub_refuses(made, server, capsys, where, status, said):
    server.status[where] = status
    assert said in refused(capsys, made, "--to", "ada/x")
    assert not server.repos.get("ada/x")


@pytest.mark.parametrize("where", ["/repos/create", "/preupload/", "/objects/batch", "/commit/"])
def test_an_answer_of_another_form(made, server, capsys, where):
    server.odd = where
    told = refused(capsys, made, "--to", "ada/x")
    assert "did not take what was sent to ada/x" in told and "Look what is there" in told


def test_no_network(made, server, capsys, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the port for what is thrown away
    told = refused(capsys, made, "--to", "ada/x")
    assert "http://127.0.0.1:9 could not be reached" in told and "Is there a network?" in told


def test_offline_by_choice(made, server, capsys, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    huggingface_hub.close_session()
    assert "could not be reached" in refused(capsys, made, "--to", "ada/x")


def test_no_package(made, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    told = refused(capsys, made, "--to", "ada/x")
    assert "sending needs the package huggingface_hub" in told and "pip install" in told


def test_a_damaged_model_goes_nowhere(made, server, capsys, tmp_path):
    folder = shutil.copytree(made, tmp_path / "m")
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert "cannot be read" in refused(capsys, folder, "--to", "ada/x")
    assert not server.asked


def test_private_without_a_name(made, capsys):
    assert "give --to user/name as well" in refused(capsys, made, "--private")


def test_it_is_listed_among_the_programs():
    from gptlab.__main__ import programs

    told = dict(programs())
    assert told["gptlab.hub"].startswith("Save a chat model as a folder that transformers loads")
