"""Words, vectors and filters agree with looking at everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.retrieve import matrix as matrix_module
from galaxy_desktop.retrieve import shelf as shelf_module
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.matrix import Matrix
from galaxy_desktop.retrieve.question import Question, answers, evidence_of
from galaxy_desktop.retrieve.stacks import Stacks
from galaxy_desktop.retrieve.texts import Part, Text

SEEN = datetime(2026, 5, 1, tzinfo=UTC)
KINDS, REPOSITORIES = ("issue", "pr", "comment"), ("o/r", "o/s", "o/rs")


def text(number: int, title: str = "Parser", body: str = "", **changed: object) -> Text:
    kind, repository = str(changed.pop("kind", "issue")), str(changed.pop("repository", "o/r"))
    said = SEEN + timedelta(days=number)
    fields: dict[str, object] = {
        "id": f"{kind}:{repository}#{number}",
        "item": f"{kind}:{repository}#{number}",
        "evidence_id": f"{kind}:{repository}#{number}",
        "url": "https://github.example/x",
        "said_at": said,
        "changed_at": said,
        "observed_at": SEEN,
    }
    return Text(kind=kind, repository=repository, title=title, body=body, **(fields | changed))  # type: ignore[arg-type]


def _fill(stacks: Stacks, texts: list[Text], width: int = 8) -> dict[str, int]:
    rows = stacks.put([(one.id, one) for one in texts])
    draw = np.random.default_rng(3).normal(size=(len(texts), width))
    stacks.put_vectors([rows[one.id] for one in texts], draw / np.linalg.norm(draw, axis=1, keepdims=True))
    return rows


@pytest.fixture
def stacks(tmp_path: Path) -> Iterator[Stacks]:
    made = Stacks(tmp_path / "stacks")
    yield made
    made.close()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stacks, list[Text], dict[str, int]]]:
    made = Stacks(tmp_path_factory.mktemp("crowd"))
    texts = [
        text(
            n, f"Word{n % 7}", f"common words{n % 3} word{n % 7}", kind=KINDS[n % 3], repository=REPOSITORIES[n % 5 % 3]
        )
        for n in range(120)
    ]
    yield made, texts, _fill(made, texts)
    made.close()


WANTED = st.builds(
    Wanted,
    repositories=st.none() | st.frozensets(st.sampled_from([*REPOSITORIES, "o/none"])),
    kinds=st.none() | st.frozensets(st.sampled_from([*KINDS, "commit"])),
    since=st.none() | st.integers(-5, 130).map(lambda days: SEEN + timedelta(days=days)),
    until=st.none() | st.integers(-5, 130).map(lambda days: SEEN + timedelta(days=days)),
    as_of=st.none() | st.integers(-5, 130).map(lambda days: SEEN + timedelta(days=days)),
)


def _passes(one: Text, wanted: Wanted) -> bool:
    return (
        (wanted.repositories is None or one.repository in wanted.repositories)
        and (wanted.kinds is None or one.kind in wanted.kinds)
        and (wanted.since is None or one.said_at >= wanted.since)
        and (wanted.until is None or one.said_at < wanted.until)
        and (wanted.as_of is None or max(one.said_at, one.changed_at) <= wanted.as_of)
    )


@given(WANTED)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_filters_agree_with_looking_at_every_text(
    crowd: tuple[Stacks, list[Text], dict[str, int]], wanted: Wanted
) -> None:
    stacks, texts, rows = crowd
    expected = {rows[one.id] for one in texts if _passes(one, wanted)}
    mask = stacks.columns.mask(wanted)
    assert set(np.flatnonzero(mask).tolist()) == expected
    assert set(stacks.nearest(np.ones(8), mask, 1000)) == expected
    assert set(stacks.holding(["common"], mask, wanted, 1000)) == expected


@given(WANTED)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_is_outside_the_filter(crowd: tuple[Stacks, list[Text], dict[str, int]], wanted: Wanted) -> None:
    stacks, texts, _ = crowd
    allowed = {one.evidence_id for one in texts if _passes(one, wanted)}
    found = answers(stacks, Question("word3 common", np.ones(8, dtype=np.float32), wanted, 10))
    ids = [one.evidence.id for one in found]
    assert set(ids) <= allowed
    assert len(ids) == len(set(ids))


def test_a_common_word_finds_the_newest_and_titles_before_bodies(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "MOST_HITS", 8)
    texts = [text(n, "Common" if n == 3 else "Other", "common") for n in range(40)]
    rows = _fill(stacks, texts)
    found = stacks.holding(["common"], stacks.columns.mask(Wanted()), Wanted(), 100)
    assert found[0] == rows["issue:o/r#3"]
    assert rows["issue:o/r#39"] in found
    assert len(found) <= 16


def test_a_narrow_filter_finds_its_rows_among_many_equals(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "MOST_HITS", 8)
    texts = [text(n, "Common", repository="o/rare" if n == 2 else "o/r") for n in range(60)]
    rows = _fill(stacks, texts)
    wanted = Wanted(repositories=frozenset({"o/rare"}))
    assert stacks.holding(["common"], stacks.columns.mask(wanted), wanted, 10) == [rows["issue:o/rare#2"]]


def test_how_common_a_word_is_is_estimated_well_enough(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(stacks, [text(n, "Even" if n % 2 else "Odd") for n in range(200)])
    monkeypatch.setattr(shelf_module, "MOST_HITS", 20)
    assert stacks.shelf.frequency("even") == pytest.approx(100, rel=0.2)
    assert stacks.shelf.frequency("nowhere") == 0


@pytest.mark.parametrize(
    "words", ['"', "a AND OR NOT (", "title_words : x", "*", "NEAR(", "🙂", "x" * 500, "w-1 -> ::"]
)
def test_any_question_is_safe_and_finds_the_only_text_at_most(stacks: Stacks, words: str) -> None:
    _fill(stacks, [text(1, "w-1 -> ::", words)])
    assert len(answers(stacks, Question(words, None, Wanted(), 5))) <= 1


def test_the_nearest_by_signs_are_nearly_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_module, "NEAR", 200)
    draw = np.random.default_rng(1)
    centers = draw.normal(size=(20, 96))
    vectors = centers[draw.integers(20, size=2000)] + 0.7 * draw.normal(size=(2000, 96))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    made = Matrix(tmp_path / "m", 96)
    made.put(range(2000), vectors)
    exact = set(np.argsort(-(vectors @ vectors[5]))[:20].tolist())
    found, likeness = made.nearest(vectors[5], np.arange(2000), 20)
    made.close()
    assert found[0] == 5
    assert likeness[0] == pytest.approx(1.0, abs=1e-5)
    assert len(exact & set(found.tolist())) >= 18


def test_vectors_are_there_again_after_closing(tmp_path: Path) -> None:
    first = Matrix(tmp_path / "m", 8)
    first.put([2000, 3], np.eye(8)[:2])
    first.flush()
    first.close()
    second = Matrix(tmp_path / "m", 8)
    found, _ = second.nearest(np.eye(8)[1], np.array([3, 2000]), 1)
    second.close()
    assert found.tolist() == [3]


def test_texts_that_say_the_same_take_one_place_and_are_named(stacks: Stacks) -> None:
    body = "The login times out after a minute on a slow phone."
    texts = [text(n, "Login", body) for n in range(3)] + [text(9, "Login", "The colors differ.")]
    rows = stacks.put([(one.id, one) for one in texts])
    same = np.array([1.0, 0.0])
    stacks.put_vectors([rows[one.id] for one in texts], [same, same, same, np.array([0.0, 1.0])])
    found = answers(stacks, Question("login times out", same, Wanted(), 5))
    assert len(found) == 2
    assert {found[0].evidence.id, *found[0].folded} == {"issue:o/r#0", "issue:o/r#1", "issue:o/r#2"}


def test_listings_that_say_the_same_are_folded_by_their_words(stacks: Stacks) -> None:
    texts = [text(n, body="open read write close", part="code") for n in range(2)]
    stacks.put([(one.id, one) for one in texts])
    found = answers(stacks, Question("read write", None, Wanted(), 5))
    assert [len(one.folded) for one in found] == [1]


def test_an_item_takes_at_most_three_places(stacks: Stacks) -> None:
    texts = [
        text(n, "Login", f"It fails in way {n} unlike {n * 31}.", kind="comment", item="issue:o/r#1") for n in range(6)
    ]
    _fill(stacks, texts)
    assert len(answers(stacks, Question("login fails", None, Wanted(), 10))) == 3


def test_quotes_are_found_only_when_asked_for(stacks: Stacks) -> None:
    stacks.put([("a", text(1, "Login", "> a zebrafish", part="quote"))])
    assert answers(stacks, Question("zebrafish", None, Wanted(), 5)) == ()
    assert len(answers(stacks, Question("zebrafish", None, Wanted(quotes=True), 5))) == 1


def test_a_text_of_several_cites_the_one_that_holds_the_passage() -> None:
    parts = (Part(0, "comment:o/r#7", "u7", SEEN), Part(8, "comment:o/r#8", "u8", SEEN))
    shared = text(1, "Parser", "First.\n\nIt is slow here.", parts=parts, kind="comment")
    found = evidence_of(shared, "slow here")
    assert (found.id, found.url, found.quote) == ("comment:o/r#8", "u8", "It is slow here.")


def test_a_reranker_has_the_last_word_on_the_best_answers(stacks: Stacks) -> None:
    _fill(stacks, [text(n, f"Login {n}") for n in range(4)])
    asked = Question("login", None, Wanted(), 4)
    found = answers(stacks, asked, lambda _, texts: [float(one.endswith("2")) for one in texts])
    assert found[0].evidence.id == "issue:o/r#2"


def test_a_row_that_was_left_is_used_again(stacks: Stacks) -> None:
    rows = _fill(stacks, [text(n) for n in range(3)])
    stacks.remove([rows["issue:o/r#1"]])
    assert stacks.put([("b", text(9))])["issue:o/r#9"] == rows["issue:o/r#1"]


def test_a_comment_is_found_by_its_own_words_and_not_by_the_title_above_it(stacks: Stacks) -> None:
    stacks.put([("a", text(1, "Login")), ("a", text(2, "Login", "The parser hangs.", kind="comment"))])
    found = answers(stacks, Question("login", None, Wanted(), 5))
    assert [one.evidence.id for one in found] == ["issue:o/r#1"]
    assert len(answers(stacks, Question("parser", None, Wanted(), 5))) == 1
