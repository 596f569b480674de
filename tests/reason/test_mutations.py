"""Every statement of a sheet supports itself, and no small change of one is believed unless it is true as well."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.reason import sheet
from galaxy_desktop.reason.ground import check

NUMBER = re.compile(r"(?<![#\w-])\d+(?![\w-])")
OTHER_NUMBERS = ("0", "1", "4", "9", "12", "42", "62", "70", "100")
SWAPS = (
    ("done", "open"),
    ("open", "done"),
    ("raise", "lower"),
    ("added", "removed"),
    ("blocks", "is blocked by"),
    ("is blocked by", "blocks"),
    ("high", "critical"),
    ("days", "hours"),
    (" %", " points"),
    ("health", "probability"),
    ("probability", "health"),
    ("would ", ""),
    (" is ", " is not "),
    ("o/r#7", "o/r#12"),
    ("o/r#12", "o/r#7"),
    ("2026", "2027"),
)


@pytest.fixture
def whole(bench: SimpleNamespace) -> sheet.Sheet:
    a = bench.analysis
    known = sheet.merged(sheet.of_evidence(sheet.evidence_of(a), {}), sheet.of_sprint(a.sprint, a.done, a.open))
    for more in (sheet.of_features(a.features), sheet.of_forecast(a.forecast), sheet.of_health(a.health)):
        known = sheet.merged(known, more)
    return sheet.merged(known, sheet.merged(sheet.of_risks(a.risks, ()), sheet.of_recommendations(a.recommendations)))


def _statements(whole: sheet.Sheet) -> list[tuple[str, str]]:
    told = [(line, i) for i, lines in whole["context"].items() for line in lines]
    return [*told, *((line, "milestone:o/r#3") for line in whole["table"])]


def _mutants(line: str) -> set[str]:
    changed = {line.replace(a, b, 1) for a, b in SWAPS if a in line}
    for match in NUMBER.finditer(line):
        changed |= {line[: match.start()] + n + line[match.end() :] for n in OTHER_NUMBERS}
    return changed - {line}


def test_every_statement_supports_itself(whole: sheet.Sheet) -> None:
    for line, i in _statements(whole):
        assert check([Sentence(line, (i,))], whole["context"], whole["table"]).removed == (), line


def test_no_changed_statement_is_believed_unless_it_stands_on_the_sheet_too(whole: sheet.Sheet) -> None:
    stored = {line for line, _ in _statements(whole)}
    tried = 0
    for line, i in _statements(whole):
        for mutant in sorted(_mutants(line) - stored):
            tried += 1
            kept = check([Sentence(mutant, (i,))], whole["context"], whole["table"]).kept
            assert kept == (), f"{mutant!r} from {line!r}"
    assert tried > 200
