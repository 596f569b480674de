"""The docs name everything there is: settings, features, risk rules, agents, commands, variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from galaxy_desktop import cli
from galaxy_desktop.assess.risks import RULES
from galaxy_desktop.collect import planner
from galaxy_desktop.features.catalog import CATALOG
from galaxy_desktop.reason.state import NODES
from galaxy_desktop.services.demo import SCENARIOS
from galaxy_desktop.settings import ALL

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
RISKS = (ROOT / "docs" / "risks.md").read_text(encoding="utf-8")


def _rows(text: str, heading: str) -> dict[str, str]:
    """The table rows below a heading, by the name in backticks that they begin with."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    return {name: row for row in section.splitlines() for name in re.findall(r"^\| `([^`]+)` \|", row)}


def test_every_setting_is_documented_with_its_help() -> None:
    rows = _rows(REFERENCE, "Settings")
    assert list(rows) == [setting.name for setting in ALL]
    assert [s.name for s in ALL if s.help not in rows[s.name]] == []


def test_every_feature_is_documented_with_unit_and_window() -> None:
    rows = _rows(REFERENCE, "Features")
    assert list(rows) == [feature.name for feature in CATALOG]
    assert [f.name for f in CATALOG if f"| {f.unit} | {f.window} |" not in rows[f.name]] == []


def test_every_list_that_is_collected_is_documented() -> None:
    text = (ROOT / "docs" / "collection.md").read_text(encoding="utf-8")
    lists = [listing.entity for listing in planner.CATALOG if listing.tier is not planner.Tier.HISTORY]
    assert set(lists) == set(_rows(text, "Lists"))


def test_every_agent_is_documented() -> None:
    assert tuple(_rows(REFERENCE, "Agents")) == NODES


def test_every_risk_rule_is_documented() -> None:
    assert [rule.kind for rule in RULES if f"`{rule.kind}`" not in RISKS] == []


COMMANDS = ["sync", "analyze", "flow", "watch", "doctor", "import archive", "import copy", "export copy"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_and_helps(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"`galaxy-desktop {command}`" in REFERENCE
    with pytest.raises(SystemExit) as left:
        cli.main([*command.split(), "--help"])
    assert left.value.code == 0
    assert "--data-dir" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["outcomes"])
def test_every_kind_of_evaluation_is_documented_and_helps(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"`galaxy-desktop evaluate {kind}`" in REFERENCE
    with pytest.raises(SystemExit) as left:
        cli.main(["evaluate", kind, "--help"])
    assert left.value.code == 0
    assert "--train" in capsys.readouterr().out


def test_every_variable_that_is_read_is_documented() -> None:
    sources = [*ROOT.glob("galaxy_desktop/**/*.py"), *ROOT.glob("installer/*.py")]
    read = {name for p in sources for name in re.findall(r"\bGALAXY_[A-Z_]+\b", p.read_text(encoding="utf-8"))}
    assert {name for name in read if f"`{name}`" not in REFERENCE} == set()


def test_the_readme_names_both_commands_and_every_link_leads_somewhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 installer run" in readme
    assert "python3 installer test" in readme
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in ROOT.glob("docs/*.md") if f"](docs/{page.name})" not in readme] == []


def test_every_command_in_the_readme_is_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line.split("  ")[0].split()[1:] for line in re.findall(r"^    (galaxy-desktop .*)$", readme, re.MULTILINE)]
    assert len(lines) > 4
    for words in lines:
        assert cli._parser().parse_args(words).command == words[0]


def test_every_module_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:collect|services|store|domain|reason|ui)/\w+(?:/\w+)?(?:\.py|/))`", text)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / "galaxy_desktop" / name).exists()] == []


def test_the_demos_of_the_help_are_those_there_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    assert [name for name in SCENARIOS if name not in said] == []
