"""docs/token.md names every permission that is tried, as it is tried."""

from __future__ import annotations

from pathlib import Path

from galaxy_desktop.collect.device_flow import SCOPES
from galaxy_desktop.collect.permissions import FEATURES, PROJECTS, SEES, WRITES

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "token.md").read_text(encoding="utf-8")
TRIED = {
    SEES.probe: "GET the repository",
    PROJECTS: "one GraphQL query",
    WRITES: "not tried: role and scopes are looked at",
}


def test_the_table_of_permissions_is_the_one_that_is_tried() -> None:
    section = DOCS.split("\n## Permissions\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert rows == [
        f"| {one.name} | {one.permission} | `{one.scope}` | {'yes' if one.needed else 'good to have'} "
        f"| {TRIED.get(one.probe, f'GET `{one.probe}`')} |"
        for one in FEATURES
    ]


def test_the_scopes_that_signing_in_asks_for_are_named() -> None:
    assert f"It asks for {' and '.join(f'`{scope}`' for scope in SCOPES)}." in DOCS
