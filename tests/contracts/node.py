"""Programs for Node that check us: a GitHub that takes writes (emulate), and a proxy that knows GitHub's contract (prism).

Packages are fetched once, by name and exact version, into a folder outside the repository that is named after the
list of versions; a second process that needs them meanwhile waits. Everything listens on loopback and is
ended by its process id.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installer.lock import alone

PACKAGES = (
    "emulate@0.12.2",
    "node@24.21.0",
    "@stoplight/prism-cli@5.14.2",
    "@octokit/openapi@23.0.2",
    "@octokit/graphql-schema@15.26.1",
)
NEEDED_DOCUMENT = "api.github.com.json"
START_S = 120.0
ENDED = "(it ended)"
FORWARDED = re.compile(r'Forwarding "(\w+)" request to https?://[^/]+(/.*?)\.\.\.$')

USERS = ("octo", "ada", "grace", "reader")
SEED = {
    "tokens": {
        "owner-token": {"login": "octo", "scopes": ["repo", "user", "read:org", "project"]},
    },
    "github": {
        "users": [{"login": login, "name": login.title(), "email": f"{login}@example.com"} for login in USERS],
        "repos": [
            {"owner": "octo", "name": "hello", "auto_init": True},
            {"owner": "octo", "name": "second", "auto_init": True},
        ],
    },
}

VALIDATE = """
const fs = require("fs");
const { buildSchema, parse, validate } = require("graphql");
const schema = buildSchema(fs.readFileSync(process.argv[1], "utf8"), { assumeValidSDL: true });
const errors = validate(schema, parse(fs.readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(errors.map((error) => error.message)));
"""


@dataclass(frozen=True, slots=True)
class NodeTools:
    """A folder with `node_modules`, and what of it is used."""

    folder: Path

    @property
    def node(self) -> Path:
        """A Node that is new enough for every package here."""
        return self.folder / "node_modules" / "node" / "bin" / "node"

    @property
    def openapi(self) -> Path:
        """GitHub's description of its REST API."""
        return self.folder / "node_modules" / "@octokit" / "openapi" / "generated" / "api.github.com.json"

    @property
    def requests_document(self) -> Path:
        """The same without what answers look like, which prism does not judge here: it starts in a third of the time."""
        document = self.folder / "requests.json"
        if not document.is_file():
            part = self.folder / f"requests.{os.getpid()}.part"
            part.write_text(json.dumps(of_requests(json.loads(self.openapi.read_text(encoding="utf-8")))))
            part.replace(document)
        return document

    @property
    def graphql_schema(self) -> Path:
        """GitHub's description of its GraphQL API."""
        return self.folder / "node_modules" / "@octokit" / "graphql-schema" / "schema.graphql"

    def graphql_errors(self, query: str) -> list[str]:
        """What GitHub would refuse in a query, before running it."""
        done = subprocess.run(
            [str(self.node), "-e", VALIDATE, str(self.graphql_schema)],
            cwd=self.folder,
            input=query,
            capture_output=True,
            text=True,
            check=True,
        )
        errors: list[str] = json.loads(done.stdout)
        return errors


def cache_folder() -> Path:
    """Where the packages of exactly this list belong."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "galaxy-desktop" / "contracts" / hashlib.sha256("\n".join(PACKAGES).encode()).hexdigest()[:16]


def fetched() -> NodeTools:
    """The packages, fetched if they are not there yet; whole or not at all."""
    folder = cache_folder()
    with alone(folder.with_name(f"{folder.name}.lock"), lambda: None):
        if not folder.is_dir():
            part = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            _install(part)
            part.rename(folder)
    return NodeTools(folder)


def _install(folder: Path) -> None:
    words = ["npm", "install", "--prefix", str(folder), "--no-package-lock", "--no-audit", "--no-fund", *PACKAGES]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(folder)
        raise RuntimeError(f"npm could not fetch {', '.join(PACKAGES)}:\n{done.stderr[-2000:]}")
    for document in NodeTools(folder).openapi.parent.glob("*.json"):
        if document.name != NEEDED_DOCUMENT:
            document.unlink()  # 370 MB of other spellings of the same


def of_requests(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document with every operation and all that a request may hold, and only the parts that these name."""
    paths = _without_examples(document["paths"])
    for path in paths.values():
        for operation in path.values():
            if isinstance(operation, dict):
                operation["responses"] = {"default": {"description": "not judged"}}
                operation.pop("callbacks", None)
    kept: dict[str, dict[str, Any]] = {}
    waiting = [paths]
    while waiting:
        for kind, name in _named(waiting.pop()):
            if name not in kept.setdefault(kind, {}):
                kept[kind][name] = _without_examples(document["components"][kind][name])
                waiting.append(kept[kind][name])
    return {"openapi": document["openapi"], "info": document["info"], "paths": paths, "components": kept}


def _without_examples(part: Any) -> Any:
    """A part of a document without its examples and GitHub's own remarks; a property may be called like these."""
    if isinstance(part, list):
        return [_without_examples(one) for one in part]
    if not isinstance(part, dict):
        return part
    idle = {"examples", "x-github", "externalDocs"} if "schema" in part or "operationId" in part else set()
    return {key: _without_examples(value) for key, value in part.items() if key not in idle}


def _named(part: Any) -> set[tuple[str, str]]:
    """The components that a part of a document refers to, as kind and name."""
    if isinstance(part, list):
        return {found for one in part for found in _named(one)}
    if not isinstance(part, dict):
        return set()
    found = {found for one in part.values() for found in _named(one)}
    if isinstance(reference := part.get("$ref"), str):
        _, _, kind, name = reference.split("/")
        found.add((kind, name))
    return found


def free_port() -> int:
    """A port of this computer that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A server process whose output is read line by line as it comes."""

    def __init__(self, words: list[str], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        self._news = threading.Condition()
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self._reader = threading.Thread(target=self._read, name="server output")
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip())
                self._news.notify_all()
        with self._news:
            self.lines.append(ENDED)
            self._news.notify_all()

    def wait_for(self, words: str, after: str = "") -> None:
        """Until a line with these words was printed, below one with the words `after`."""

        def told() -> bool:
            start = next((n for n, line in enumerate(self.lines) if after in line), len(self.lines))
            return any(words in line for line in self.lines[start:])

        with self._news:
            self._news.wait_for(lambda: told() or ENDED in self.lines, START_S)
            if not told():
                raise AssertionError(f"never said {words!r}: " + "\n".join(self.lines[-20:]))

    def end(self) -> None:
        """Kill the process and read its output to the end."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


@dataclass(frozen=True, slots=True)
class Emulate:
    """A running GitHub that takes writes, with one repository of `owner`, a second one, and a token."""

    url: str
    owner: str = "octo"
    repository: str = "octo/hello"
    second: str = "octo/second"
    token: str = "owner-token"
    people: tuple[str, ...] = USERS


@contextmanager
def emulate_server(tools: NodeTools, folder: Path, *, base_url: str = "") -> Iterator[Emulate]:
    """`emulate` with an empty repository; `base_url` is what its answers call it, when a proxy stands in front."""
    seed, port = folder / "seed.json", free_port()
    seed.write_text(json.dumps(SEED), encoding="utf-8")
    script = tools.folder / "node_modules" / "emulate" / "dist" / "index.js"
    address = base_url or f"http://127.0.0.1:{port}"
    words = ["start", "--service", "github", "--host", "127.0.0.1", "--port", str(port), "--base-url", address]
    server = Running([str(tools.node), str(script), *words, "--seed", str(seed)], port)
    try:
        server.wait_for("Ready.")
        yield Emulate(server.url)
    finally:
        server.end()


UNDOCUMENTED = ("/graphql", "/repositories/")
"""What GitHub answers and leads to by itself, and its document does not have."""


@dataclass(slots=True)
class Prism:
    """A proxy that checks each request against GitHub's contract and passes it on; its complaints are kept."""

    server: Running
    asked: int = 0

    @property
    def url(self) -> str:
        """Where the client is to ask."""
        return self.server.url

    def requests(self) -> dict[str, list[str]]:
        """What was passed on ("get /repos/o/r"), each with what is wrong with the request: answers are not judged."""
        self._catch_up()
        out: dict[str, list[str]] = {}
        request = ""
        for line in self.server.lines:
            if found := FORWARDED.search(line):
                request = f"{found[1]} {found[2]}"
                out.setdefault(request, [])
            elif "Violation: request" in line:
                out[request].append(line.split("Violation: ")[1])
        return {request: wrong for request, wrong in out.items() if "sentinel" not in request}

    def violations(self) -> list[str]:
        """What requests so far broke the contract."""
        return [
            f"{request}: {one}"
            for request, wrong in self.requests().items()
            for one in wrong
            if "route not found" not in one or not request.split(" ")[1].startswith(UNDOCUMENTED)
        ]

    def _catch_up(self) -> None:
        """Ask what is certainly wrong and wait for the complaint: then it was said of everything before, too."""
        self.asked += 1
        path = f"/repos/sentinel/{self.asked}/issues"
        try:
            urllib.request.urlopen(f"{self.url}{path}?state=wrong", timeout=START_S).close()
        except OSError as error:
            logging.getLogger(__name__).info("as expected: %s", error)
        self.server.wait_for("Violation: request.query.state", after=f"{path}?state=wrong...")


@contextmanager
def prism_server(tools: NodeTools, document: Path, upstream_url: str, *, port: int = 0) -> Iterator[Prism]:
    """`prism proxy` in front of a server, which may call itself by the proxy's address if the port is given."""
    port = port or free_port()
    script = tools.folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    words = ["proxy", str(document), upstream_url, "--host", "127.0.0.1", "--port", str(port)]
    server = Running([str(tools.node), str(script), *words], port)
    try:
        server.wait_for("Prism is listening")
        yield Prism(server)
    finally:
        server.end()
