"""What the command line reads from a sync."""

from __future__ import annotations

from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.services.sync_outcome import Ending, RepositoryResult, SyncOutcome


def result(ending: Ending, sentence: str = "", records: int = 0) -> RepositoryResult:
    state = RepositoryState.SYNCED
    return RepositoryResult(full_name="o/r", ending=ending, state=state, sentence=sentence, records=records)


def test_the_sentences_of_refusals_are_said_once() -> None:
    outcome = SyncOutcome(results=(result(Ending.REFUSED, "No."), result(Ending.REFUSED, "No."), result(Ending.OK)))
    assert outcome.refused == ("No.",)
    assert (outcome.offline, outcome.broken, outcome.stopped) == (False, (), False)


def test_each_ending_is_told_apart() -> None:
    outcome = SyncOutcome(
        results=(result(Ending.OFFLINE, "Away."), result(Ending.BROKEN, "Half."), result(Ending.STOPPED))
    )
    assert (outcome.refused, outcome.offline, outcome.broken, outcome.stopped) == ((), True, ("Half.",), True)


def test_a_sync_changed_something_when_any_repository_did() -> None:
    assert SyncOutcome(results=(result(Ending.OK), result(Ending.OK, records=1))).changed
    assert not SyncOutcome(results=(result(Ending.OK),)).changed
    assert not SyncOutcome().changed
