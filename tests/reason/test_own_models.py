"""A person's own models stand in a list beside the weights; what is in it is checked like anything from outside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.models import Shape
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.catalog import Catalog, Entry, File
from galaxy_desktop.reason.own_models import OwnModels, is_name, name_from, own_entry

SHAPE = Shape(architecture="llama", layers=1, cache_width=2, embedding=3, vocabulary=4, context_tokens=5)


def _entry(name: str = "mine", **more: str) -> Entry:
    file = File(f"{name}.gguf", 3, "ab" * 32)
    return own_entry(name, "My model", file, source="/home/me/my.gguf", added_at="2026-05-06", shape=SHAPE, **more)  # type: ignore[arg-type]


def test_a_model_that_was_added_is_in_the_catalog_after_a_restart(tmp_path: Path) -> None:
    OwnModels(tmp_path).keep(_entry())
    found = Catalog.read(folder=tmp_path).find("mine")
    assert found == _entry()
    assert (found.license_title, found.own) == ("License unknown", True)


def test_the_last_word_on_a_name_counts_and_a_removed_one_is_gone(tmp_path: Path) -> None:
    own = OwnModels(tmp_path)
    own.keep(_entry())
    own.keep(_entry("other"))
    own.keep(replace(_entry(), title="Another title"))
    assert [one.title for one in own.read() if one.name == "mine"] == ["Another title"]
    own.remove("mine")
    own.remove("mine")
    assert [one.name for one in own.read()] == ["other"]


def test_an_own_model_never_stands_in_for_one_of_the_program(tmp_path: Path) -> None:
    OwnModels(tmp_path).keep(_entry("llama-3.2-3b-instruct"))
    assert not Catalog.read(folder=tmp_path).find("llama-3.2-3b-instruct").own


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 2}', '{"format": 1, "model": 3}', "[" * 100_000])
def test_a_damaged_list_costs_the_own_models_only_and_is_put_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.json").write_text(text)
    assert len(Catalog.read(folder=tmp_path).entries) == 4
    OwnModels(tmp_path).keep(_entry())
    assert [one.name for one in OwnModels(tmp_path).read()] == ["mine"]


def test_the_text_of_a_damaged_list_is_kept(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text("{half")
    OwnModels(tmp_path).keep(_entry())
    assert (tmp_path / "own.json.damaged").read_text() == "{half"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "../up"),
        ("name", "A"),
        ("name", "con"),
        ("file", {"path": "../../x.gguf", "bytes": 1, "sha256": ""}),
        ("file", {"path": "mine.gguf", "bytes": -1, "sha256": ""}),
        ("file", {"path": "mine.gguf", "bytes": 1, "sha256": "xyz"}),
        ("shape", {"architecture": "x", "layers": "many"}),
        ("file", None),
    ],
)
def test_a_line_that_leads_astray_is_left_out(tmp_path: Path, field: str, value: object) -> None:
    own = OwnModels(tmp_path)
    own.keep(_entry())
    own.keep(_entry("other"))
    held = json.loads((tmp_path / "own.json").read_text())
    held["model"][0][field] = value
    (tmp_path / "own.json").write_text(json.dumps(held))
    assert [one.name for one in own.read()] == ["other"]


def test_a_list_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        OwnModels(tmp_path / "file").keep(_entry())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("My Model.Q4_K_M.gguf", "my-model.q4_k_m"),
        ("../../etc/passwd", "etc-passwd"),
        ("...", "model"),
        ("模型", "model"),
        ("CON", "model-con"),
        ("a--b..c", "a-b.c"),
    ],
)
def test_a_name_is_made_from_what_the_file_is_called(title: str, name: str) -> None:
    assert name_from(title) == name


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert name_from("x", ["x", "x-2"]) == "x-3"


@given(st.text(max_size=200), st.lists(st.sampled_from(["model", "a", "model-2"]), max_size=3))
def test_every_title_makes_a_name_that_is_free_and_stays_in_the_folder(title: str, taken: list[str]) -> None:
    name = name_from(title, taken)
    assert is_name(name)
    assert name not in taken
    assert Path("/models", name).parent == Path("/models")
