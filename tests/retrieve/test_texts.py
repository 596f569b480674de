"""What becomes a text, under which id, and when its digest changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.evidence import EVIDENCE_ID
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.retrieve.parts import Kind, Piece
from galaxy_desktop.retrieve.texts import CHUNK, Text, _chunks, groups_of, texts_of


def test_every_item_comment_and_commit_becomes_a_text_that_can_be_cited(make: SimpleNamespace) -> None:
    snapshot = Snapshot(
        items=(make.item(1, "Login"),),
        comments=(make.comment(7, 1, "Yes, the parser."),),
        commits=(make.commit("abc", "Fix it"),),
    )
    found = texts_of(snapshot, ())
    assert [t.evidence_id for t in found] == ["issue:o/r#1", "comment:o/r#7", "commit:o/r@abc"]
    assert all(EVIDENCE_ID.match(t.evidence_id) for t in found)


def test_an_item_is_its_title_and_body(make: SimpleNamespace) -> None:
    (text,) = texts_of(Snapshot(items=(make.item(1, "Login", "It fails."),)), ())
    assert text.whole == "Login\nIt fails."


def test_a_long_body_becomes_several_texts_of_the_same_evidence(make: SimpleNamespace) -> None:
    found = texts_of(Snapshot(items=(make.item(1, "Login", "word " * 500),)), ())
    assert [t.id for t in found] == ["issue:o/r#1", "issue:o/r#1/1", "issue:o/r#1/2"]
    assert {t.evidence_id for t in found} == {"issue:o/r#1"}


def test_a_comment_without_words_to_search_by_is_no_text(make: SimpleNamespace) -> None:
    thread = (make.comment(7, 1, "ACK 1f3a5b7c"), make.comment(8, 1, "+1"), make.comment(9, 1, "The login hangs.", 1))
    found = texts_of(Snapshot(items=(make.item(1),), comments=thread), ())
    assert [text.id for text in found] == ["issue:o/r#1", "comment:o/r#9"]


BODY = """It fails here:

```python
raise ValueError("no")
```

> Somebody said this.

<!-- Please describe the issue -->
And then it stops.
"""


def test_code_and_quotes_are_texts_of_their_own_beside_the_prose(make: SimpleNamespace) -> None:
    found = texts_of(Snapshot(items=(make.item(1, "Login", BODY),)), ())
    assert {text.part: text.body for text in found} == {
        "prose": "It fails here:\n\nAnd then it stops.",
        "code": '```python\nraise ValueError("no")\n```',
        "quote": "> Somebody said this.",
    }
    assert [text.has_meaning for text in found] == [True, False, False]
    assert {text.evidence_id for text in found} == {"issue:o/r#1"}


def test_the_stamp_of_a_group_changes_with_what_is_said_and_not_with_when_it_was_seen(make: SimpleNamespace) -> None:
    def stamp(item: object, *thread: object) -> str:
        return next(iter(groups_of(Snapshot(items=(item,), comments=thread), ()))).stamp  # type: ignore[arg-type]

    item, said = make.item(1, "Login"), make.comment(7, 1, "It hangs.")
    seen_later = replace(item, observed_at=item.observed_at + timedelta(days=1), updated_at=item.updated_at)
    assert stamp(item, said) == stamp(seen_later, said)
    assert len({stamp(item), stamp(item, said), stamp(item, replace(said, body="It hung."))}) == 3


def test_a_new_comment_changes_no_other_text(make: SimpleNamespace) -> None:
    long = [make.comment(n, 1, "x" * 600, n) for n in range(5)]
    before = texts_of(Snapshot(items=(make.item(1),), comments=tuple(long[:4])), ())
    after = texts_of(Snapshot(items=(make.item(1),), comments=tuple(long)), ())
    assert {t.id: t.digest for t in before}.items() <= {t.id: t.digest for t in after}.items()


def test_seeing_the_same_thing_again_does_not_change_its_digest(make: SimpleNamespace) -> None:
    item = make.item(1, "Login")
    later = replace(item, observed_at=item.observed_at + timedelta(days=1))
    assert texts_of(Snapshot(items=(item,)), ())[0].digest == texts_of(Snapshot(items=(later,)), ())[0].digest


def test_an_edited_title_changes_the_digest(make: SimpleNamespace) -> None:
    one, other = (texts_of(Snapshot(items=(make.item(1, title),)), ())[0] for title in ("Login", "Logout"))
    assert one.digest != other.digest


def _sprint(state: State, seen: object) -> Sprint:
    return Sprint(
        id="s1",
        title="Sprint 1",
        repositories=("o/r",),
        milestones=("milestone:o/r#3",),
        items=("issue:o/r#1",),
        starts_at=None,
        due_on=None,
        due_history=(),
        state=state,
        closed_at=seen,
    )


def test_a_past_sprint_is_one_sentence_on_its_milestone(make: SimpleNamespace) -> None:
    snapshot = Snapshot(items=(make.item(1),), milestones=(make.milestone(3, "Sprint 1"),))
    text = texts_of(snapshot, [_sprint(State.CLOSED, make.seen)])[-1]
    assert text.evidence_id == "milestone:o/r#3"
    assert text.body == "Past sprint Sprint 1 of o/r: without a due date, closed 2026-05-01, 0 of 1 items done."


def test_a_running_sprint_is_no_past_sprint(make: SimpleNamespace) -> None:
    snapshot = Snapshot(milestones=(make.milestone(3, "Sprint 1"),))
    assert texts_of(snapshot, [_sprint(State.OPEN, None)]) == ()


def test_a_commit_without_a_message_still_has_a_title(make: SimpleNamespace) -> None:
    (text,) = texts_of(Snapshot(commits=(make.commit("0123456789abcdef", ""),)), ())
    assert text.title == "0123456789ab"


@given(st.text(alphabet="ab \n", max_size=5000))
@settings(max_examples=40, deadline=None)
def test_pieces_of_a_body_are_short_and_lose_no_letter(body: str) -> None:
    pieces = list(_chunks([Piece(Kind.PROSE, 0, body)]))
    assert all(len(piece) <= CHUNK for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(body.split())


def test_ids_are_unique_however_many_texts_there_are(make: SimpleNamespace) -> None:
    thread = tuple(make.comment(n, 1, "y" * 400 * (n % 4), n) for n in range(12))
    found: tuple[Text, ...] = texts_of(Snapshot(items=(make.item(1, body="z" * 3000),), comments=thread), ())
    assert len({t.id for t in found}) == len(found)
