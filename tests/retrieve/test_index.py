"""The index is a cache that may be lost, and never holds anything twice."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.errors import StoreError
from galaxy_desktop.retrieve.embed import Embedder
from galaxy_desktop.retrieve.index import BATCH, Index
from galaxy_desktop.retrieve.texts import Text, texts_of


def _many(make: SimpleNamespace, count: int) -> tuple[Text, ...]:
    items = tuple(make.item(n, f"Item about topic{n}", repository="o/r" if n else "o/rare") for n in range(count))
    return texts_of(Snapshot(items=items), ())


def test_search_finds_the_text_and_quotes_its_best_passage_as_stored(index: Index, texts: tuple[Text, ...]) -> None:
    index.update(texts)
    best = index.search("login times out", 1)[0]
    assert (best.id, best.kind, best.quote) == ("issue:o/r#1", "issue", "The login times out.")
    assert best.url == "https://github.example/o/r/issues/1"


def test_a_passage_of_a_thread_cites_the_comment_that_holds_it(index: Index, texts: tuple[Text, ...]) -> None:
    index.update(texts)
    best = index.search("regular expressions take most time", 1, kinds=["comment"])[0]
    assert (best.id, best.quote) == ("comment:o/r#12", "Most time goes into regular expressions.")


def test_updating_twice_embeds_nothing_the_second_time(index: Index, texts: tuple[Text, ...], embedder: Any) -> None:
    assert index.update(texts) == len(texts)
    embedder.encoded.clear()
    assert index.update(texts) == 0
    assert embedder.encoded == []


def test_only_what_changed_is_embedded(index: Index, texts: tuple[Text, ...], embedder: Any) -> None:
    index.update(texts)
    embedder.encoded.clear()
    changed = replace(texts[0], title="Login hangs")
    assert index.update((changed, *texts[1:])) == 1
    assert embedder.encoded == [changed.whole]
    assert index.count() == len(texts)


def test_texts_that_are_gone_are_removed(index: Index, texts: tuple[Text, ...]) -> None:
    index.update(texts)
    assert index.update(texts[1:]) == 1
    assert "issue:o/r#1" not in {e.id for e in index.search("login", 10)}


def test_filters_narrow_what_is_found(index: Index, texts: tuple[Text, ...]) -> None:
    index.update(texts)
    assert {e.id for e in index.search("translate", 10, repositories=["o/other"])} == {"issue:o/other#3"}
    assert {e.kind for e in index.search("parser", 10, kinds=["comment"])} == {"comment"}


def test_a_rare_repository_is_found_behind_a_crowd(
    index: Index, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_desktop.retrieve.index.MOST_FETCHED", 8)
    index.update(_many(make, 3 * BATCH))
    assert [e.id for e in index.search("topic77", 2, repositories=["o/rare"])] == ["issue:o/rare#0"]


def test_many_texts_behind_a_filter_are_left_to_the_index(
    index: Index, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_desktop.retrieve.index.MOST_FETCHED", 8)
    monkeypatch.setattr("galaxy_desktop.retrieve.index.MOST_COMPARED", 0)
    index.update(_many(make, 3 * BATCH))
    found = index.search("topic77", 2, repositories=["o/r"])
    assert [e.id.partition("#")[0] for e in found] == ["issue:o/r", "issue:o/r"]


def test_an_empty_index_or_question_finds_nothing(index: Index, texts: tuple[Text, ...]) -> None:
    assert index.search("anything") == ()
    index.update(texts)
    assert index.search("   ") == ()


def test_the_index_is_there_again_after_closing(tmp_path: Path, embedder: Embedder, texts: tuple[Text, ...]) -> None:
    first = Index(tmp_path, embedder)
    first.update(texts)
    first.close()
    second = Index(tmp_path, embedder)
    assert second.update(texts) == 0
    assert second.search("login", 1)[0].id == "issue:o/r#1"
    second.close()


def test_a_lost_folder_is_filled_again(tmp_path: Path, embedder: Embedder, texts: tuple[Text, ...]) -> None:
    first = Index(tmp_path / "v", embedder)
    first.update(texts)
    first.close()
    shutil.rmtree(tmp_path / "v")
    second = Index(tmp_path / "v", embedder)
    assert second.update(texts) == len(texts)
    second.close()


def _garbage(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(b"not a database" * 400)


def _half(folder: Path) -> None:
    file = folder / "chroma.sqlite3"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _without_vectors(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def _torn_vectors(folder: Path) -> None:
    for path in folder.glob("*/*"):
        path.write_bytes(b"xx")


@pytest.mark.parametrize("damage", [_garbage, _half, _without_vectors, _torn_vectors])
def test_a_damaged_index_is_put_aside_and_filled_again(
    tmp_path: Path, embedder: Any, make: SimpleNamespace, damage: Callable[[Path], None]
) -> None:
    texts = _many(make, 1200)
    first = Index(tmp_path, embedder)
    first.update(texts)
    first.close()
    damage(tmp_path / "generation-1")
    second = Index(tmp_path, embedder)
    written = second.update(texts)
    found = second.search("topic7", 3)
    second.close()
    assert (written, len(found)) == (len(texts), 3)
    assert (tmp_path / "damaged-generation-1").exists()


def test_stopping_between_batches_keeps_what_is_written(index: Index, make: SimpleNamespace) -> None:
    stop = threading.Event()
    texts = _many(make, 3 * BATCH)
    assert index.update(texts, stop=stop, progress=lambda *_: stop.set()) == BATCH
    assert index.update(texts) == 2 * BATCH
    assert index.count() == len(texts)


def test_a_batch_that_fails_leaves_an_index_that_can_go_on(
    index: Index, make: SimpleNamespace, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = _many(make, 2 * BATCH)
    encode = embedder.encode
    monkeypatch.setattr(embedder, "encode", lambda some: encode(some) if not embedder.encoded else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        index.update(texts)
    monkeypatch.setattr(embedder, "encode", encode)
    assert index.update(texts) == BATCH


def test_a_closed_index_says_so(index: Index) -> None:
    index.close()
    index.close()
    with pytest.raises(StoreError, match="closed"):
        index.count()


@pytest.mark.weights
def test_minilm_finds_the_meaning_not_the_words(tmp_path: Path, minilm: Any, texts: tuple[Text, ...]) -> None:
    real = Index(tmp_path, minilm)
    real.update(texts)
    best = real.search("cannot sign in on my mobile", 1)[0]
    real.close()
    assert best.id == "issue:o/r#1"


def test_vectors_of_texts_come_back_as_they_were_embedded(index: Index, texts: tuple[Text, ...], embedder: Any) -> None:
    index.update(texts)
    found = index.vectors({texts[0].id, "issue:o/r#404"})
    assert set(found) == {texts[0].id}
    assert found[texts[0].id] == pytest.approx(tuple(embedder.encode([texts[0].whole])[0]), abs=1e-6)


def test_forgotten_texts_leave_no_word_on_the_disk_and_the_rest_is_not_embedded_again(
    index: Index, texts: tuple[Text, ...], embedder: Any, make: SimpleNamespace, tmp_path: Path
) -> None:
    items = tuple(make.item(n, "A zebrafish", repository="o/zebra") for n in range(3))
    index.update((*texts, *texts_of(Snapshot(items=items), ())))
    embedder.encoded.clear()
    assert index.forget(("issue:o/zebra#",)) == 3
    assert embedder.encoded == []
    assert index.count() == len(texts)
    assert index.search("login times out", 1)[0].id == "issue:o/r#1"
    index.close()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"zebrafish" in path.read_bytes()]
    assert len([path for path in tmp_path.rglob("generation-*") if path.is_dir()]) == 1


def test_forgetting_nothing_changes_nothing(index: Index, texts: tuple[Text, ...]) -> None:
    index.update(texts)
    assert index.forget(("issue:o/none#",)) == 0
    assert index.forget(()) == 0
    assert index.count() == len(texts)
