"""Programs that know GitHub's contract better than we do, for every test in this folder.

Asked for by name: `node_tools` (the packages), `openapi_file`, `graphql_schema_file`, `emulate` (a fresh GitHub that
takes writes). `node.prism_server` puts a checking proxy in front of a server.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.node import Emulate, NodeTools, emulate_server, fetched


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder; without npm there is nothing to check against."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.contracts)
            if shutil.which("npm") is None:
                item.add_marker(pytest.mark.skip(reason="npm is missing: install nodejs and npm to check contracts"))


@pytest.fixture(scope="session")
def node_tools() -> NodeTools:
    """The packages; fetched once a computer."""
    return fetched()


@pytest.fixture(scope="session")
def openapi_file(node_tools: NodeTools) -> Path:
    """GitHub's OpenAPI document."""
    return node_tools.openapi


@pytest.fixture(scope="session")
def graphql_schema_file(node_tools: NodeTools) -> Path:
    """GitHub's GraphQL schema."""
    return node_tools.graphql_schema


@pytest.fixture
def emulate(node_tools: NodeTools, tmp_path: Path) -> Iterator[Emulate]:
    """A fresh GitHub that takes writes: two empty repositories, four people, two tokens."""
    with emulate_server(node_tools, tmp_path) as server:
        yield server
