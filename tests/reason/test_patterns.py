"""Patterns: two pieces of evidence or more, everything checked, and nothing that one fact says alone."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime

import pytest

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.noticed import Noticed, NoticedKind
from galaxy_desktop.reason.patterns import ONE_IS_ENOUGH, Proposals, propose
from galaxy_desktop.reason.reply import Material
from tests.reason.conftest import Puppet

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
SEVEN, NINE = "pr:o/r#7", "pr:o/r#9"
MATERIAL = Material(
    statements=(
        Sentence("o/r#7 has been waiting for a review for 9 days.", (SEVEN,)),
        Sentence("o/r#9 has been waiting for a review for 6 days.", (NINE,)),
    ),
    today=date(2026, 5, 6),
)
BOTH = "o/r#7 has been waiting for a review for 9 days and o/r#9 has been waiting for a review for 6 days."


def _proposed(text: str, evidence: list[str], kind: str = "risk") -> Proposals:
    written = json.dumps({"sentences": [{"kind": kind, "text": text, "evidence": evidence}]})
    return propose(Puppet([written]), "s9", MATERIAL, NOW, stop=threading.Event())


def test_a_pattern_of_two_checked_facts_is_kept() -> None:
    [one] = _proposed(BOTH, ["E1", "E2"]).noticed
    assert (one.text, set(one.evidence), one.kind, one.model) == (BOTH, {SEVEN, NINE}, NoticedKind.RISK, "puppet")


def test_the_model_says_what_kind_it_is() -> None:
    assert [one.kind for one in _proposed(BOTH, ["E1", "E2"], "intervention").noticed] == [NoticedKind.INTERVENTION]


def test_what_one_fact_says_alone_is_no_pattern() -> None:
    fact = "o/r#7 waits for a review for 9 days."
    found = _proposed(fact, ["E1", "E2"])
    assert found.noticed == ()
    assert found.removed == ((fact, ONE_IS_ENOUGH),)


@pytest.mark.parametrize(
    "lie",
    [
        "o/r#7 has been waiting for a review for 9 days and o/r#9 for 12 days.",
        "o/r#7 and o/r#9 block the release.",
        "o/r#7 and o/r#9 were written by ann, who is slow.",
        "The chance is 10 % because o/r#7 and o/r#9 wait.",
    ],
)
def test_a_pattern_that_the_facts_do_not_say_is_removed(lie: str) -> None:
    found = _proposed(lie, ["E1", "E2"])
    assert found.noticed == ()
    assert [text for text, _ in found.removed] == [lie]


@pytest.mark.parametrize("rubbish", ["", "no pattern", '{"sentences": []}', '{"sentences": 3}', "[1, 2]"])
def test_rubbish_and_nothing_are_nothing(rubbish: str) -> None:
    assert propose(Puppet([rubbish]), "s9", MATERIAL, NOW, stop=threading.Event()).noticed == ()


def test_with_one_fact_the_model_is_not_even_asked() -> None:
    engine = Puppet(["x"])
    propose(engine, "s9", Material(statements=MATERIAL.statements[:1]), NOW, stop=threading.Event())
    assert engine.read == []


def test_the_same_pattern_keeps_its_id_however_it_is_worded() -> None:
    def one(text: str, evidence: tuple[str, ...]) -> Noticed:
        return Noticed(sprint_id="s9", kind=NoticedKind.RISK, text=text, evidence=evidence, model="m", noticed_at=NOW)

    assert one("a", (SEVEN, NINE)).id == one("b", (NINE, SEVEN)).id != one("a", (SEVEN, "pr:o/r#1")).id


def test_one_piece_of_evidence_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 2 pieces"):
        Noticed(sprint_id="s9", kind=NoticedKind.RISK, text="x", evidence=(SEVEN, SEVEN), model="m", noticed_at=NOW)
