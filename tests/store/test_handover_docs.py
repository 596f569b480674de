"""`docs/handover.md` says what the code does: every kind and every field, with their types."""

from __future__ import annotations

from pathlib import Path

import pytest

from galaxy_desktop.store import handover, handover_format, workspace
from galaxy_desktop.store.handover_format import BOARD_PARTS, KINDS, RecordKind
from galaxy_desktop.store.tables import table

PAGE = Path(__file__).parent.parent.parent / "docs" / "handover.md"
EVERY = (*KINDS, *BOARD_PARTS.values())


def kind_table() -> str:
    """The kinds in the order of a file."""
    rows = [f"| [`{kind.name}`](#{kind.name}) | {kind.about} |" for kind in KINDS]
    return "\n".join(["| kind | what a line is |", "|---|---|", *rows])


def field_table(kind: RecordKind) -> str:
    """The fields of a kind in the order in which they are written."""
    rows = []
    for field in kind.fields:
        words = f": {', '.join(f'`{word}`' for word in field.words)}" if field.words else ""
        rows.append(f"| `{field.name}` | {field.type}{words} | {'may be empty' if field.optional else ''} |")
    return "\n".join(["| field | type | |", "|---|---|---|", *rows])


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_kinds_are_those_of_the_page(page: str) -> None:
    assert kind_table() in page


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)
def test_the_fields_of_a_kind_are_those_of_the_page(page: str, kind: RecordKind) -> None:
    section = page.partition(f"### {kind.name}\n")[2].partition("\n### ")[0]
    assert field_table(kind) in section


def test_the_page_names_the_format_and_what_stays_at_home(page: str) -> None:
    for words in (f'"{handover_format.FORMAT}"', *handover.PRIVATE, *handover.WALKS):
        assert words in page


def test_every_column_of_a_table_is_a_field_or_has_a_meaning_in_one_database_only() -> None:
    for kind in EVERY:
        left_out = {c.name for c in table(kind.model).columns} - {field.column for field in kind.fields}
        assert left_out == set(kind.at_home)
        assert left_out <= {"key", "id", "project_id"}


def test_whatever_can_be_gone_can_be_handed_over() -> None:
    told = set(workspace.EVIDENCE_ID.pattern.partition("(")[2].partition(")")[0].split("|")) - {"issue", "pr"}
    assert told | {"item"} <= set(handover_format.WORDS["gone"]["kind"])
