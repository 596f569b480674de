"""The catalogue names every known model and says which are here."""

from __future__ import annotations

from pathlib import Path

import pytest

from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.catalog import Catalog

MANIFEST = """
[[model]]
name = "tiny"
title = "Tiny"
purpose = "prose"
license_title = "MIT"
context_tokens = 100
memory_bytes = 10
machine_gb = 1
files = [{ path = "tiny.gguf", bytes = 4, sha256 = "00" }]

[[model]]
name = "vectors"
title = "Vectors"
purpose = "embeddings"
context_tokens = 100
memory_bytes = 10
machine_gb = 1
files = [{ path = "v.bin", bytes = 1, sha256 = "00" }]
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(MANIFEST)
    return Catalog.read(manifest, tmp_path / "models")


def _put(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "models" / "tiny" / "tiny.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return file


def test_a_model_is_present_when_its_files_have_their_full_size(catalog: Catalog, tmp_path: Path) -> None:
    assert not catalog.is_present("tiny")
    file = _put(tmp_path, b"GGUF")
    assert catalog.weights("tiny") == file
    assert [entry.name for entry in catalog.present()] == ["tiny"]


def test_half_a_download_is_not_present(catalog: Catalog, tmp_path: Path) -> None:
    _put(tmp_path, b"GG")
    with pytest.raises(ModelError, match="Tiny is not on this computer"):
        catalog.weights("tiny")


def test_only_models_that_write_prose_can_write(catalog: Catalog) -> None:
    assert [entry.name for entry in catalog.prose] == ["tiny"]
    with pytest.raises(ModelError, match="does not write prose"):
        catalog.weights("vectors")


def test_an_unknown_name_is_a_sentence(catalog: Catalog) -> None:
    with pytest.raises(ModelError, match="no model called 'huge'"):
        catalog.find("huge")


@pytest.mark.parametrize("text", ["", "model = 3", "[[model]]\nname = 'x'", "not toml ["])
def test_a_damaged_list_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.toml").write_text(text)
    with pytest.raises(ModelError, match="cannot be read"):
        Catalog.read(tmp_path / "manifest.toml", tmp_path)


def test_the_shipped_list_names_the_default_models_with_their_licenses() -> None:
    catalog = Catalog.read()
    names = {entry.name for entry in catalog.entries}
    assert {"smollm2-135m-instruct", "all-minilm-l6-v2"} <= names
    assert all(entry.license_title and entry.bytes > 0 for entry in catalog.entries)
    assert all(len(file.sha256) == 64 for entry in catalog.entries for file in entry.files)


def test_a_file_is_fetched_from_the_mirrors_in_their_order() -> None:
    entry = Catalog.read().find("llama-3.2-3b-instruct")
    path = "bartowski/Llama-3.2-3B-Instruct-GGUF/resolve/main/Llama-3.2-3B-Instruct-Q4_K_M.gguf"
    assert entry.addresses(entry.files[0]) == (f"https://huggingface.co/{path}",)
    mirrors = ("https://a.example", "https://b.example/hf/")
    assert entry.addresses(entry.files[0], mirrors) == (f"https://a.example/{path}", f"https://b.example/hf/{path}")


def test_what_set_up_brings_is_downloaded_from_nowhere() -> None:
    entry = Catalog.read().find("smollm2-135m-instruct")
    assert entry.addresses(entry.files[0]) == ()


def test_a_file_of_another_size_or_one_put_aside_is_damaged(catalog: Catalog, tmp_path: Path) -> None:
    assert not catalog.is_damaged("tiny")
    file = _put(tmp_path, b"GG")
    assert catalog.is_damaged("tiny")
    file.rename(file.with_name(file.name + ".damaged"))
    assert catalog.is_damaged("tiny")


def test_what_is_here_of_a_begun_download_counts(catalog: Catalog, tmp_path: Path) -> None:
    assert catalog.bytes_here("tiny") == 0
    file = _put(tmp_path, b"GG")
    file.rename(file.with_name(file.name + ".part"))
    assert catalog.bytes_here("tiny") == 2
