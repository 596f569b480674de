"""The index is a cache that may be lost, and never holds anything twice."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.errors import ModelError, StoreError
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.embed import Embedder
from galaxy_desktop.retrieve.index import BATCH, Index
from galaxy_desktop.retrieve.question import Found
from galaxy_desktop.retrieve.texts import Group, Text, groups_of, texts_of

Groups = Callable[[Iterable[Text]], list[Group]]


@pytest.fixture
def groups(make: SimpleNamespace) -> Groups:
    return make.groups  # type: ignore[no-any-return]


def _many(make: SimpleNamespace, count: int) -> list[Group]:
    items = tuple(make.item(n, f"Item about topic{n}", repository="o/r" if n else "o/rare") for n in range(count))
    return make.groups(texts_of(Snapshot(items=items), ()))  # type: ignore[no-any-return]


def _ids(found: Iterable[Found]) -> list[str]:
    return [one.evidence.id for one in found]


def test_search_finds_the_text_and_quotes_its_best_passage_as_stored(
    index: Index, texts: tuple[Text, ...], groups: Groups
) -> None:
    index.update(groups(texts))
    best = index.search("login times out", 1)[0].evidence
    assert (best.id, best.kind, best.quote) == ("issue:o/r#1", "issue", "The login times out.")
    assert best.url == "https://github.example/o/r/issues/1"


def test_a_passage_of_a_thread_cites_the_comment_that_holds_it(
    index: Index, texts: tuple[Text, ...], groups: Groups
) -> None:
    index.update(groups(texts))
    best = index.search("regular expressions take most time", 1, Wanted(kinds=frozenset({"comment"})))[0].evidence
    assert (best.id, best.quote) == ("comment:o/r#12", "Most time goes into regular expressions.")


def test_updating_twice_embeds_nothing_the_second_time(
    index: Index, texts: tuple[Text, ...], embedder: Any, groups: Groups
) -> None:
    assert index.update(groups(texts)) == len(texts)
    embedder.encoded.clear()
    assert index.update(groups(texts)) == 0
    assert embedder.encoded == []


def test_only_what_changed_is_embedded(index: Index, texts: tuple[Text, ...], embedder: Any, groups: Groups) -> None:
    index.update(groups(texts))
    embedder.encoded.clear()
    changed = replace(texts[0], title="Login hangs")
    assert index.update(groups((changed, *texts[1:]))) == 1
    assert embedder.encoded == [changed.whole]
    assert index.count() == len(texts)


def test_a_changed_text_is_found_by_its_new_words_alone(index: Index, texts: tuple[Text, ...], groups: Groups) -> None:
    index.update(groups(texts))
    index.update(groups((replace(texts[0], title="Quokka", body="Quokka"), *texts[1:])))
    with_words = {one.evidence.id: one.evidence.quote for one in index.search("login times out quokka", 10)}
    assert with_words["issue:o/r#1"] == "Quokka"


def test_a_group_that_did_not_change_is_not_even_read(index: Index, texts: tuple[Text, ...], groups: Groups) -> None:
    index.update(groups(texts))
    again = [replace(group, texts=lambda: pytest.fail("read")) for group in groups(texts)]
    assert index.update(again) == 0


def test_texts_that_are_gone_are_removed(index: Index, texts: tuple[Text, ...], groups: Groups) -> None:
    index.update(groups(texts))
    assert index.update(groups(texts[1:])) == 1
    assert "issue:o/r#1" not in _ids(index.search("login", 10))


def test_a_text_that_left_its_group_is_removed(index: Index, make: SimpleNamespace) -> None:
    long = "\n\n".join(f"Paragraph {n} about the parser. " * 20 for n in range(4))
    index.update(groups_of(Snapshot(items=(make.item(1, body=long),)), ()))
    before = index.count()
    assert index.update(groups_of(Snapshot(items=(make.item(1, body="Short."),)), ())) == before
    assert index.count() == 1


def test_filters_narrow_what_is_found(index: Index, texts: tuple[Text, ...], groups: Groups) -> None:
    index.update(groups(texts))
    assert _ids(index.search("translate", 10, Wanted(repositories=frozenset({"o/other"})))) == ["issue:o/other#3"]
    comments = index.search("parser", 10, Wanted(kinds=frozenset({"comment"})))
    assert {one.evidence.kind for one in comments} == {"comment"}


def test_what_was_said_later_or_changed_later_was_not_known_then(index: Index, make: SimpleNamespace) -> None:
    thread = (
        make.comment(11, 1, "The parser is slow.", 1),
        replace(make.comment(12, 1, "The parser was slow once.", 2), updated_at=make.seen + timedelta(hours=9)),
        make.comment(13, 1, "The parser gets slow later.", 5),
    )
    index.update(groups_of(Snapshot(items=(make.item(1, "Parser"),), comments=thread), ()))
    then = Wanted(as_of=make.seen + timedelta(hours=3), kinds=frozenset({"comment"}))
    assert _ids(index.search("slow parser", 10, then)) == ["comment:o/r#11"]


def test_a_rare_repository_is_found_behind_a_crowd(index: Index, make: SimpleNamespace) -> None:
    index.update(_many(make, 3 * BATCH))
    found = index.search("topic77", 2, Wanted(repositories=frozenset({"o/rare"})))
    assert _ids(found) == ["issue:o/rare#0"]


def test_an_empty_index_or_question_finds_nothing(index: Index, texts: tuple[Text, ...], groups: Groups) -> None:
    assert index.search("anything") == ()
    index.update(groups(texts))
    assert index.search("   ") == ()
    assert index.search("login", 0) == ()


def test_the_index_is_there_again_after_closing(
    tmp_path: Path, embedder: Embedder, texts: tuple[Text, ...], groups: Groups
) -> None:
    first = Index(tmp_path, embedder)
    first.update(groups(texts))
    first.close()
    second = Index(tmp_path, embedder)
    assert second.update(groups(texts)) == 0
    assert _ids(second.search("login", 1)) == ["issue:o/r#1"]
    second.close()


def test_a_lost_folder_is_filled_again(
    tmp_path: Path, embedder: Embedder, texts: tuple[Text, ...], groups: Groups
) -> None:
    first = Index(tmp_path / "v", embedder)
    first.update(groups(texts))
    first.close()
    shutil.rmtree(tmp_path / "v")
    second = Index(tmp_path / "v", embedder)
    assert second.update(groups(texts)) == len(texts)
    second.close()


def _garbage(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(b"not a database" * 400)


def _half(folder: Path) -> None:
    file = folder / "chroma.sqlite3"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _without_vectors(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith("stacks-"):
            shutil.rmtree(path)


def _torn_vectors(folder: Path) -> None:
    for path in folder.glob("*/*.bin"):
        path.write_bytes(b"xx")


@pytest.mark.parametrize("damage", [_garbage, _half, _without_vectors, _torn_vectors])
def test_a_damaged_chroma_is_put_aside_and_filled_from_the_stacks(
    tmp_path: Path, embedder: Any, make: SimpleNamespace, damage: Callable[[Path], None]
) -> None:
    many = _many(make, 1200)
    first = Index(tmp_path, embedder)
    first.update(many)
    first.close()
    damage(tmp_path / "generation-1")
    embedder.encoded.clear()
    second = Index(tmp_path, embedder)
    second.update([*many[:-1], replace(many[-1], stamp="other", texts=lambda: ())])
    second.close()
    assert (tmp_path / "damaged-generation-1").exists()
    assert embedder.encoded == []
    third = Index(tmp_path, embedder)
    assert third.update(many) == 1
    assert third._own(len) == len(many)
    third.close()


def _stacks(folder: Path) -> Path:
    return next((folder / "generation-1").glob("stacks-*"))


def _no_words(folder: Path) -> None:
    for path in _stacks(folder).glob("words*"):
        path.unlink()


def _garbage_words(folder: Path) -> None:
    (_stacks(folder) / "words.sqlite3").write_bytes(b"not a database" * 400)


def _torn_words(folder: Path) -> None:
    path = _stacks(folder) / "words.sqlite3"
    whole = bytearray(path.read_bytes())
    for start in range(8192, len(whole), 4096):
        whole[start : start + 64] = b"\xff" * 64
    path.write_bytes(whole)


def _short_matrix(folder: Path) -> None:
    path = _stacks(folder) / "vectors.f32"
    path.write_bytes(path.read_bytes()[:256])


def _no_matrix(folder: Path) -> None:
    (_stacks(folder) / "vectors.f32").unlink()


@pytest.mark.parametrize("damage", [_no_words, _garbage_words, _torn_words, _short_matrix, _no_matrix])
def test_damaged_words_are_written_anew_and_nothing_is_embedded_again(
    tmp_path: Path, embedder: Any, make: SimpleNamespace, damage: Callable[[Path], None]
) -> None:
    many = _many(make, 200)
    first = Index(tmp_path, embedder)
    first.update(many)
    first.close()
    damage(tmp_path)
    embedder.encoded.clear()
    second = Index(tmp_path, embedder)
    assert second.update(many) == len(many)
    assert embedder.encoded == []
    assert "issue:o/r#7" in _ids(second.search("topic7", 3))
    second.close()


def test_words_that_turn_out_damaged_while_searching_leave_an_index_that_fills_again(
    index: Index, make: SimpleNamespace
) -> None:
    many = _many(make, 50)
    index.update(many)
    index._look(lambda stacks: stacks.shelf._connection.execute("DROP TABLE words_data"))
    assert index.search("topic7", 3) == ()
    assert index.update(many) == len(many)
    assert "issue:o/r#7" in _ids(index.search("topic7", 3))


def test_a_matrix_that_was_not_written_to_the_end_is_not_trusted(
    tmp_path: Path, embedder: Any, make: SimpleNamespace
) -> None:
    first = Index(tmp_path, embedder)
    first.update(_many(make, 10))
    rows = first._look(lambda stacks: stacks.shelf.rows_of(["issue:o/r#7"]))
    first._look(lambda stacks: stacks.put(stacks_texts(stacks, list(rows.values()))))
    first.close()
    second = Index(tmp_path, embedder)
    assert second.vectors(["issue:o/r#7"]) == {}
    second.close()


def stacks_texts(stacks: Any, rows: list[int]) -> list[tuple[str, Text]]:
    return [(text.id, text) for text in stacks.shelf.texts(rows).values()]


def test_stopping_between_batches_keeps_what_is_written(index: Index, make: SimpleNamespace, embedder: Any) -> None:
    stop = threading.Event()
    many = _many(make, 3 * BATCH)
    index.update(many, stop=stop, progress=lambda *_: stop.set())
    assert len(embedder.encoded) == BATCH
    assert index.update(many) == 2 * BATCH
    assert index.count() == len(many)


def test_a_batch_that_fails_leaves_an_index_that_can_go_on(
    index: Index, make: SimpleNamespace, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = _many(make, 2 * BATCH)
    encode = embedder.encode
    monkeypatch.setattr(embedder, "encode", lambda some: encode(some) if not embedder.encoded else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        index.update(many)
    monkeypatch.setattr(embedder, "encode", encode)
    assert index.update(many) == BATCH


def test_without_a_model_texts_are_found_by_their_words(
    index: Index, texts: tuple[Text, ...], embedder: Any, monkeypatch: pytest.MonkeyPatch, groups: Groups
) -> None:
    def missing(_texts: object) -> None:
        raise ModelError("The search model is not on this computer.")

    monkeypatch.setattr(embedder, "encode", missing)
    with pytest.raises(ModelError):
        index.update(groups(texts))
    assert _ids(index.search("translate settings", 1)) == ["issue:o/other#3"]


def test_a_closed_index_says_so(index: Index) -> None:
    index.close()
    index.close()
    with pytest.raises(StoreError, match="closed"):
        index.count()


@pytest.mark.weights
def test_minilm_finds_the_meaning_not_the_words(
    tmp_path: Path, minilm: Any, texts: tuple[Text, ...], groups: Groups
) -> None:
    real = Index(tmp_path, minilm)
    real.update(groups(texts))
    best = real.search("cannot sign in on my mobile", 1)[0]
    real.close()
    assert best.evidence.id == "issue:o/r#1"


def test_vectors_of_texts_come_back_as_they_were_embedded(
    index: Index, texts: tuple[Text, ...], embedder: Any, groups: Groups
) -> None:
    index.update(groups(texts))
    found = index.vectors({texts[0].id, "issue:o/r#404"})
    assert set(found) == {texts[0].id}
    assert found[texts[0].id] == pytest.approx(tuple(embedder.encode([texts[0].whole])[0]), abs=1e-6)


def test_forgotten_texts_leave_no_word_on_the_disk_and_the_rest_is_not_embedded_again(
    index: Index, texts: tuple[Text, ...], embedder: Any, make: SimpleNamespace, tmp_path: Path
) -> None:
    items = tuple(make.item(n, "A zebrafish", repository="o/zebra") for n in range(3))
    every = make.groups((*texts, *texts_of(Snapshot(items=items), ())))
    index.update(every)
    embedder.encoded.clear()
    assert index.forget(("issue:o/zebra#",)) == 3
    assert embedder.encoded == []
    assert index.count() == len(texts)
    assert index.search("login times out", 1)[0].evidence.id == "issue:o/r#1"
    assert index.update(every[: len(texts)]) == 0
    index.close()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"zebrafish" in path.read_bytes()]
    assert len([path for path in tmp_path.rglob("generation-*") if path.is_dir()]) == 1


def test_removed_texts_leave_no_word_in_the_file_of_words(
    index: Index, texts: tuple[Text, ...], make: SimpleNamespace, tmp_path: Path, groups: Groups
) -> None:
    items = (make.item(1, "A zebrafish", repository="o/zebra"),)
    index.update(groups((*texts, *texts_of(Snapshot(items=items), ()))))
    index.forget(("issue:o/zebra#",))
    files = [path for path in tmp_path.rglob("words.sqlite3*") if path.is_file()]
    assert files
    assert not [path for path in files if b"zebrafish" in path.read_bytes()]


def test_forgetting_nothing_changes_nothing(index: Index, texts: tuple[Text, ...], groups: Groups) -> None:
    index.update(groups(texts))
    assert index.forget(("issue:o/none#",)) == 0
    assert index.forget(()) == 0
    assert index.count() == len(texts)


def test_what_went_wrong_with_an_index_is_in_the_log(
    tmp_path: Path, embedder: Any, make: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    first = Index(tmp_path, embedder)
    first.update(_many(make, 5))
    first.close()
    _garbage_words(tmp_path)
    second = Index(tmp_path, embedder)
    with caplog.at_level(logging.INFO):
        second.count()
    second.close()
    assert "written anew" in caplog.text


def test_an_index_of_an_older_program_is_left_behind(
    tmp_path: Path, embedder: Any, texts: tuple[Text, ...], groups: Groups
) -> None:
    first = Index(tmp_path, embedder)
    first.update(groups(texts))
    first.close()
    shutil.rmtree(_stacks(tmp_path))
    second = Index(tmp_path, embedder)
    assert second.update(groups(texts)) == len(texts)
    second.close()
    assert [path.name for path in tmp_path.iterdir()] == ["generation-2"]


def test_an_item_stands_before_what_was_said_on_it_and_a_comment_that_adds_no_word_is_folded(
    index: Index, make: SimpleNamespace
) -> None:
    said = (
        make.comment(11, 1, "slow parser slow parser", 1),
        make.comment(12, 1, "The parser is slow because of backtracking.", 2),
    )
    items = (make.item(1, "Parser is slow"), *(make.item(n, f"Dialog {n} is odd") for n in range(2, 9)))
    index.update(groups_of(Snapshot(items=items, comments=said), ()))
    found = index.search("slow parser", 5)
    assert _ids(found)[0] == "issue:o/r#1"
    assert set(found[0].folded) == {"comment:o/r#11", "comment:o/r#12"}
    more = index.search("slow parser backtracking", 5)
    assert _ids(more)[:2] == ["issue:o/r#1", "comment:o/r#12"]
    assert more[0].folded == ("comment:o/r#11",)
    assert [one.score for one in more] == sorted((one.score for one in more), reverse=True)


def test_without_the_item_among_what_counts_its_comments_stand_for_themselves(
    index: Index, make: SimpleNamespace
) -> None:
    said = (make.comment(11, 1, "The parser is slow.", 1), make.comment(12, 1, "A slow parser, indeed.", 2))
    index.update(groups_of(Snapshot(items=(make.item(1, "Parser is slow"),), comments=said), ()))
    found = index.search("slow parser", 5, Wanted(kinds=frozenset({"comment"})))
    assert set(_ids(found)) == {"comment:o/r#11", "comment:o/r#12"}


def test_a_filling_that_was_begun_before_texts_were_forgotten_writes_nothing_more(
    index: Index, make: SimpleNamespace
) -> None:
    many = _many(make, 6)
    index.update(many[:3])
    filling = index.begin(many)
    assert index.go_on(filling)
    index.forget(["issue:o/rare#"])
    assert index.is_stale(filling)
    assert not index.go_on(filling)
    assert not any(one.startswith("issue:o/rare#") for one in _ids(index.search("topic0", 9)))
    index.update(many[1:])
    assert index.count() == 5
