"""The checking programs check: they are there, they answer, and they see what is wrong."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.contracts import node
from tests.contracts.node import Emulate, NodeTools, Running, prism_server


def _get(url: str, token: str = "") -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_the_packages_are_those_of_the_list(node_tools: NodeTools) -> None:
    found = [
        f"{name}@{json.loads((node_tools.folder / 'node_modules' / name / 'package.json').read_text())['version']}"
        for name in (package.rpartition("@")[0] for package in node.PACKAGES)
    ]
    assert tuple(found) == node.PACKAGES


def test_the_documents_describe_what_we_read(openapi_file: Path, graphql_schema_file: Path) -> None:
    assert "/repos/{owner}/{repo}/issues" in json.loads(openapi_file.read_text(encoding="utf-8"))["paths"]
    assert "type ProjectV2 " in graphql_schema_file.read_text(encoding="utf-8")


def test_a_query_for_a_field_that_does_not_exist_is_an_error(node_tools: NodeTools) -> None:
    assert node_tools.graphql_errors("{ viewer { login } }") == []
    assert "Cannot query field" in node_tools.graphql_errors("{ viewer { shoeSize } }")[0]


def test_the_emulated_github_knows_its_owner(emulate: Emulate) -> None:
    assert _get(f"{emulate.url}/user", emulate.token)["login"] == emulate.owner
    assert _get(f"{emulate.url}/repos/{emulate.repository}")["full_name"] == emulate.repository


def test_a_request_that_breaks_the_contract_is_told(node_tools: NodeTools, emulate: Emulate) -> None:
    with prism_server(node_tools, node_tools.requests_document, emulate.url) as proxy:
        _get(f"{proxy.url}/repos/{emulate.repository}/issues?state=all")
        assert proxy.violations() == []
        _get(f"{proxy.url}/repos/{emulate.repository}/issues?state=asleep")
        (wrong,) = proxy.violations()
    assert wrong.startswith(f"get /repos/{emulate.repository}/issues?state=asleep: request.query.state")


def test_a_route_that_does_not_exist_is_told(node_tools: NodeTools, emulate: Emulate) -> None:
    with prism_server(node_tools, node_tools.requests_document, emulate.url) as proxy:
        with pytest.raises(urllib.error.HTTPError):
            _get(f"{proxy.url}/repos/{emulate.repository}/shoes")
        assert "route not found" in proxy.violations()[0]


def test_a_server_that_cannot_start_says_why(node_tools: NodeTools) -> None:
    server = Running([str(node_tools.node), "-e", "console.log('no such file'); process.exit(1)"], 1)
    with pytest.raises(AssertionError, match="no such file"):
        server.wait_for("Ready.")
    server.end()
