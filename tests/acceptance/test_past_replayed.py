"""The rules and the delay model against a real past: the command walks through it, and nothing private is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.assess import precision
from galaxy_desktop.paths import data_folder
from galaxy_desktop.store.database import Store
from tests.acceptance.conftest import run, stand_in_at

AT = "2026-06-29T00:00:00Z"
REPOSITORIES = ("bitcoin-core/secp256k1", "bitcoin-core/gui")
SHIPPED = Path(__file__).parents[2] / "resources" / "rule_precision.json"


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a first sync, and what half a year of it says of the rules."""
    folder = tmp_path_factory.mktemp("past")
    track = [word for name in REPOSITORIES for word in ("--repo", name)]
    with stand_in_at(AT) as github:
        assert run(github, "sync", *track, "--data-dir", str(folder)).returncode == 0
        done = run(github, "evaluate", "risks", "--data-dir", str(folder), "--at", AT, "--years", "0.5", "--json")
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_what_was_measured_agrees_with_the_shipped_figures(replayed: tuple[Path, dict[str, Any]]) -> None:
    rules = replayed[1]["rules"]
    shipped = precision.of_document(SHIPPED.read_text(encoding="utf-8"))
    measured = [kind for kind, rule in rules.items() if rule["fired"] >= precision.FEWEST_MEASURED]
    assert "stuck_item" in measured
    for kind in measured:
        one = shipped[kind]
        assert one.low is not None
        assert one.high is not None
        assert rules[kind]["low"] <= one.high
        assert rules[kind]["high"] >= one.low


def test_no_rule_that_alerts_is_silenced_by_few_firings(replayed: tuple[Path, dict[str, Any]]) -> None:
    assert replayed[1]["silenced"] == []


def test_what_is_kept_names_nobody_and_quotes_nothing(replayed: tuple[Path, dict[str, Any]]) -> None:
    folder = replayed[0]
    kept = (folder / "past.json").read_text(encoding="utf-8")
    with Store.open(data_folder(str(folder))) as store:
        snapshot = store.snapshot()
    people = {p.login for i in snapshot.items for p in (*i.assignees, *([i.author] if i.author else ()))}
    assert not [login for login in people if f'"{login}"' in kept]
    assert not [item.title for item in snapshot.items if len(item.title) > 12 and item.title in kept]
