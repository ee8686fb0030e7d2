"""A stand-in for the Hugging Face hub: what huggingface_hub asks of it to make a commit.

It keeps what it was sent, as `server.repos[name][path] = bytes`, and answers as the hub does.
server.status: part of an address -> what to answer there instead; server.odd: part of an address
that answers nothing of use; server.private: of the place.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re

from loopback import Handler

LARGE = (".safetensors",)  # goes by LFS, the rest inside of the commit


class Hub(Handler):
    """Makes places, takes files, commits them."""

    def body(self) -> bytes:
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, whole, status=200):
        # said, so that the client does not ask again where nobody listens any more
        kind = {"Content_Type": "application/json", "Connection": "close"}
        self.reply(status, json.dumps(whole).encode(), **kind)

    def begin(self) -> bytes | None:
        """What was sent; None where it was answered already."""
        body = self.body() if self.command != "GET" else b""
        asked = f"{self.command} {self.path}"
        self.server.asked[asked].append(self.headers.get("Authorization"))
        for part, status in self.server.status.items():
            if part in self.path:
                self.answer({"error": f"said the hub ({status})"}, status)
                return None
        return body

    def do_GET(self):
        if self.begin() is not None:
            name = self.path.removeprefix("/api/models/").partition("/revision")[0]
            self.answer({"id": name, "private": self.server.private, "sha": "0" * 40,
                         "tags": [], "siblings": []})  # fmt: skip

    def do_PUT(self):
        if (body := self.begin()) is not None:
            self.server.large[self.path.rpartition("/")[2]] = body
            self.answer({})

    def do_POST(self):
        body = self.begin()
        if body is None:
            return
        where = self.path.partition("?")[0]
        if self.server.odd in where and self.server.odd:
            self.answer({})
        elif where == "/api/repos/create":
            self.create(json.loads(body))
        elif where == "/api/validate-yaml":
            warning = {"message": "a warning of the hub"}
            self.answer({"errors": [], "warnings": [warning]})
        elif "/preupload/" in where:
            files = [{"path": one["path"], "shouldIgnore": False,
                      "uploadMode": "lfs" if one["path"].endswith(LARGE) else "regular"}
                     for one in json.loads(body)["files"]]  # fmt: skip
            self.answer({"files": files})
        elif where.endswith("/info/lfs/objects/batch"):
            self.answer({"transfer": "basic", "objects": [
                one | {"actions": {"upload": {"href": f"{self.server.at}put/{one['oid']}"}}}
                for one in json.loads(body)["objects"]]})  # fmt: skip
        else:
            self.commit(re.fullmatch("/api/models/(.*)/commit/main", where)[1], body)

    def create(self, told):
        name = f"{told['organization']}/{told['name']}"
        self.server.created.append(told)
        if name in self.server.repos:
            said = {"error": "You already created this model repo", "url": self.server.at + name}
            return self.answer(said, 409)
        self.server.repos[name] = {}
        self.server.private = told.get("visibility") == "private" or bool(told.get("private"))
        return self.answer({"url": f"{self.server.at}{name}", "name": name})

    def commit(self, name, body):
        files = {}
        for line in body.decode().splitlines():
            one = json.loads(line)
            value = one["value"]
            if one["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif one["key"] == "lfsFile":
                sent = self.server.large[value["oid"]]
                assert hashlib.sha256(sent).hexdigest() == value["oid"]
                files[value["path"]] = sent
        self.server.repos[name] |= files
        self.answer({"commitUrl": f"{self.server.at}{name}/commit/{'1' * 40}",
                     "commitOid": "1" * 40, "hookOutput": ""})  # fmt: skip
