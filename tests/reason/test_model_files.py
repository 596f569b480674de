"""Files of models are taken in, checked, put aside and removed, and nothing half or wrong ever gets a name."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from galaxy_desktop.domain.models import Shape
from galaxy_desktop.errors import CancelledByUserError, ModelError, StoreError
from galaxy_desktop.reason import folder_lock
from galaxy_desktop.reason.catalog import Catalog, Entry, File
from galaxy_desktop.reason.model_files import Taking, forget_begun, remove, sha256_of, take_in, verify
from galaxy_desktop.reason.own_models import OwnModels
from galaxy_desktop.reason.part_file import Origin, PartFile
from tests.reason.gguf_files import Gguf, whole

CONTENT = whole(5000)
SHA = hashlib.sha256(CONTENT).hexdigest()
KNOWN = Entry(
    name="known",
    title="Known model",
    purpose="prose",
    note="",
    license_title="MIT",
    context_tokens=2048,
    memory_bytes=1,
    machine_gb=1,
    files=(File("weights.gguf", len(CONTENT), SHA),),
)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "My Model.Q4.gguf"
    file.write_bytes(CONTENT)
    return file


def _catalog(models: Path, *known: Entry) -> Catalog:
    return Catalog([*known, *OwnModels(models).read()], models)


def _taking(**more: object) -> Taking:
    return replace(Taking(stop=threading.Event(), today="2026-05-06", free=lambda _: 10**12), **more)  # type: ignore[arg-type]


def _here(models: Path, entry: Entry = KNOWN, content: bytes = CONTENT) -> Path:
    path = models / entry.name / entry.files[0].path
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def test_a_file_becomes_a_model_with_what_is_known_of_it(models: Path, source: Path) -> None:
    entry = take_in(source, _catalog(models), _taking())
    again = _catalog(models).find("my-model.q4")
    assert again == entry
    assert _catalog(models).weights(entry.name).read_bytes() == CONTENT
    assert (entry.title, entry.source, entry.added_at) == ("Tiny Test", str(source), "2026-05-06")
    assert entry.files == (File("my-model.q4.gguf", len(CONTENT), SHA),)
    assert entry.shape == Shape(
        architecture="llama", layers=2, cache_width=128, embedding=64, vocabulary=3, context_tokens=2048
    )
    assert entry.memory_bytes > len(CONTENT)
    assert sorted(one.name for one in models.iterdir()) == ["my-model.q4", "own.json"]


def test_a_copy_of_a_model_of_the_catalog_becomes_that_model(models: Path, source: Path) -> None:
    catalog = _catalog(models, KNOWN)
    part = PartFile(models / "known" / "weights.gguf")
    part.begin(Origin(), 0)
    part.close()
    assert take_in(source, catalog, _taking()).name == "known"
    assert catalog.is_present("known")
    assert [one.name for one in (models / "known").iterdir()] == ["weights.gguf"]


def test_a_file_that_is_here_already_is_not_taken_twice(models: Path, source: Path) -> None:
    take_in(source, _catalog(models), _taking())
    with pytest.raises(ModelError, match=r"is Tiny Test, which is on this computer already"):
        take_in(source, _catalog(models), _taking())


def test_a_linked_file_costs_no_room(models: Path, source: Path) -> None:
    entry = take_in(source, _catalog(models), _taking(free=lambda _: 0), link=True)
    assert _catalog(models).weights(entry.name).samefile(source)


def test_a_disk_that_cannot_link_copies(models: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    entry = take_in(source, _catalog(models), _taking(), link=True)
    assert not _catalog(models).weights(entry.name).samefile(source)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "but a web page"),
        (CONTENT[:300], "not whole"),
        (whole(general__architecture="clip"), "does not write text"),
        (Gguf(told_keys=1 << 40).content(), "damaged"),
    ],
)
def test_what_is_no_model_is_not_copied_at_all(models: Path, source: Path, content: bytes, said: str) -> None:
    source.write_bytes(content)
    with pytest.raises(ModelError, match=said):
        take_in(source, _catalog(models), _taking())
    assert not models.exists()


def test_a_file_that_is_not_there_and_a_name_that_is_taken_are_sentences(models: Path, source: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        take_in(source.with_name("gone"), _catalog(models), _taking())
    with pytest.raises(ModelError, match="a model called known already"):
        take_in(source, _catalog(models, replace(KNOWN, files=())), _taking(), name="known")


def test_an_import_that_is_stopped_leaves_nothing(models: Path, source: Path) -> None:
    stop = threading.Event()
    with pytest.raises(CancelledByUserError):
        take_in(source, _catalog(models), _taking(stop=stop, told=lambda news: stop.set()))
    assert list(models.iterdir()) == []


def test_a_file_that_changes_while_it_is_copied_is_not_taken(
    models: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_source: Path, staged: Path, _taking: Taking) -> str:
        staged.parent.mkdir(parents=True)
        staged.write_bytes(CONTENT[:400])
        return SHA

    monkeypatch.setattr("galaxy_desktop.reason.model_files._copied", half)
    with pytest.raises(ModelError, match="not whole"):
        take_in(source, _catalog(models), _taking())
    assert not (models / "own.json").exists()


def test_an_import_without_room_is_told_before_it_begins(models: Path, source: Path) -> None:
    with pytest.raises(StoreError, match="more are needed"):
        take_in(source, _catalog(models), _taking(free=lambda _: 1000))


def test_a_whole_model_is_verified_with_progress(models: Path) -> None:
    _here(models)
    told: list[int] = []
    assert verify(_catalog(models, KNOWN), "known", threading.Event(), lambda news: told.append(news.done)) == ()
    assert told[-1] == len(CONTENT)


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT[:-1] + b"x"], ids=["size", "hash"])
def test_a_damaged_file_is_put_aside_and_no_longer_used(models: Path, content: bytes) -> None:
    path = _here(models, content=content)
    catalog = _catalog(models, KNOWN)
    assert verify(catalog, "known", threading.Event()) == (
        "weights.gguf is damaged: its content is not the one expected. It was put aside.",
    )
    assert (path.exists(), path.with_name("weights.gguf.damaged").read_bytes()) == (False, content)
    assert catalog.is_damaged("known")
    assert verify(catalog, "known", threading.Event()) == ("weights.gguf is not here.",)


def test_removing_frees_what_was_there_and_forgets_an_own_model(models: Path, source: Path) -> None:
    entry = take_in(source, _catalog(models), _taking())
    assert remove(_catalog(models), entry.name) == len(CONTENT)
    assert _catalog(models).entries == ()
    assert source.exists()
    _here(models)
    remove(_catalog(models, KNOWN), "known")
    assert remove(_catalog(models, KNOWN), "known") == 0


def test_forgetting_what_was_begun_leaves_whole_files(models: Path) -> None:
    path = _here(models)
    PartFile(path).path.write_bytes(b"half")
    forget_begun(_catalog(models, KNOWN), KNOWN)
    assert [one.name for one in path.parent.iterdir()] == ["weights.gguf"]


def test_reading_a_hash_can_be_stopped(source: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledByUserError):
        sha256_of(source, stop)


def test_two_programs_do_not_write_the_same_model(models: Path) -> None:
    assert not folder_lock.is_held(models, "known")
    with folder_lock.alone_with(models, "known"):
        assert folder_lock.is_held(models, "known")
        with pytest.raises(ModelError, match="at work on known"), folder_lock.alone_with(models, "known"):
            pass
        with folder_lock.alone_with(models, "other"):
            pass
    assert not folder_lock.is_held(models, "known")


def test_a_folder_that_cannot_be_locked_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"), folder_lock.alone_with(tmp_path / "file", "x"):
        pass
