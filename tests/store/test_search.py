"""Full-text search: in step with the rows, safe for any text, evidence that can be opened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from galaxy_desktop.store import search
from galaxy_desktop.store.database import Store


@pytest.fixture
def library(filled: Store, make: Any) -> Store:
    records = (
        make.item(1, title="Login crashes on Windows", body="The keyring is locked."),
        make.pull(2, title="Unlock the keyring first", body="Fixes the crash."),
        make.item(3, title="Résumé parsing", body="naïve café"),
        make.comment(5, body="I saw the keyring fail too. " + "filler " * 60 + "zebra at the end"),
    )
    filled.apply(make.page(*records)).result()
    return filled


def ids(store: Store, query: str, **more: Any) -> list[str]:
    return [hit.id for hit in store.search_text(query, **more)]


def test_titles_bodies_and_comments_are_searched(library: Store) -> None:
    assert set(ids(library, "keyring")) == {"issue:o/r#1", "pr:o/r#2", "comment:o/r#5"}


def test_a_title_counts_more_than_a_body(library: Store) -> None:
    found = ids(library, "keyring")
    assert found.index("pr:o/r#2") < found.index("issue:o/r#1")


def test_what_holds_all_words_comes_before_what_holds_some(library: Store) -> None:
    assert ids(library, "windows keyring") == ["issue:o/r#1", "pr:o/r#2", "comment:o/r#5"]


def test_words_are_found_by_their_stem_beginning_and_without_accents(library: Store) -> None:
    assert ids(library, "crash") == ids(library, "crashing")
    assert ids(library, "keyr") == ids(library, "keyring")
    assert ids(library, "resume CAFE") == ["issue:o/r#3"]


def test_a_hit_is_evidence_with_words_as_stored(library: Store) -> None:
    hit = library.search_text("zebra")[0]
    assert (hit.id, hit.kind, hit.url) == ("comment:o/r#5", "comment", "https://x/1")
    assert hit.quote.endswith("zebra at the end")
    assert len(hit.quote) <= search.QUOTE_LENGTH


def test_changed_text_is_found_by_its_new_words_only(library: Store, make: Any) -> None:
    library.apply(make.page(make.item(1, at=1, title="Renamed", body="entirely"))).result()
    assert ids(library, "windows") == []
    assert ids(library, "entirely") == ["issue:o/r#1"]


def test_the_index_agrees_with_its_rows(library: Store, make: Any) -> None:
    for at in range(1, 4):
        library.apply(make.page(make.item(1, at=at, title=f"t{at}"), make.comment(5, at=at, body=f"b{at}"))).result()
    for table in ("item_text", "comment_text"):
        check = text(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
        library.write(lambda c, check=check: c.execute(check)).result()


def test_what_is_gone_or_not_tracked_is_not_found(library: Store, make: Any) -> None:
    library.apply(make.page(gone=("issue:o/r#1",), observed_at=make.hour(1))).result()
    assert ids(library, "keyring") == ["pr:o/r#2"]
    library.untrack("o/r").result()
    assert ids(library, "keyring") == []


def test_a_search_can_be_kept_to_some_repositories(library: Store, make: Any) -> None:
    assert len(ids(library, "keyring", repository_ids={make.repo_id})) == 3
    assert ids(library, "keyring", repository_ids={7}) == []


def test_no_more_hits_than_asked_for(library: Store) -> None:
    assert len(ids(library, "keyring", limit=2)) == 2
    assert ids(library, "keyring", limit=0) == []


def test_a_word_that_is_everywhere_is_answered_with_titles_first_then_the_newest(
    library: Store, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "WORTH_RANKING", 3)
    items = [make.item(n, title="word" if n == 12 else f"Item {n}", body="word") for n in range(10, 20)]
    library.apply(make.page(*items)).result()
    assert ids(library, "word", limit=1) == ["issue:o/r#12"]
    library.apply(make.page(make.item(12, at=1, title="none", body="word"))).result()
    assert ids(library, "word", limit=2) == ["issue:o/r#19", "issue:o/r#18"]


NASTY = st.one_of(
    st.text(max_size=30),
    st.text(alphabet='"*():^+-{}NEAR AND OR NOT title', max_size=30),
    st.sampled_from(['"', "NEAR(", "a AND", "title:x", "__", "½ ², ੴ", "\ud83d", "x" * 5000, "' OR 1=1 --"]),
)


@settings(
    deadline=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=NASTY)
def test_any_text_is_a_safe_query(library: Store, query: str) -> None:
    assert isinstance(library.search_text(query), tuple)


@settings(deadline=None, max_examples=30, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(min_size=1, max_size=60))
def test_any_text_can_be_indexed(library: Store, make: Any, body: str) -> None:
    library.apply(make.page(make.item(50, title=body, body=body))).result()
    library.search_text(body)
