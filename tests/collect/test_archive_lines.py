"""Hour files as blocks of whole lines: every way to write one, every way to break one, in flat memory."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.collect.archive import lines
from galaxy_desktop.collect.archive.lines import CutOffFileError, DamagedFileError, blocks, check_to_the_end
from galaxy_desktop.collect.archive.manifest import Manifest, digest

TEXT = b'{"a":1}\n{"b":"\xc3\xa9"}\n{"c":3}\n'


def _file(folder: Path, content: bytes, name: str = "2026-05-01-1.json.gz") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(gzip.compress(TEXT), id="gzip"),
        pytest.param(gzip.compress(TEXT[:10]) + gzip.compress(TEXT[10:]), id="two members"),
        pytest.param(gzip.compress(TEXT) + b"\0" * 512, id="padded with zeros"),
        pytest.param(b"\xef\xbb\xbf" + TEXT, id="byte order mark"),
    ],
)
def test_however_a_file_is_written_its_lines_are_the_same(content: bytes, tmp_path: Path) -> None:
    assert b"".join(blocks(_file(tmp_path, content))) == TEXT


def test_a_last_line_without_its_newline_is_a_line(tmp_path: Path) -> None:
    assert b"".join(blocks(_file(tmp_path, gzip.compress(TEXT[:-1])))) == TEXT[:-1]


@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")), max_size=30), st.integers(1, 50))
def test_blocks_end_with_their_lines_and_lose_nothing(rows: list[bytes], size: int) -> None:
    content = b"".join(row + b"\n" for row in rows)
    pieces = (content[at : at + size] for at in range(0, len(content), size))
    found = list(lines._whole_lines(pieces))
    assert all(block.endswith(b"\n") for block in found)
    assert b"".join(found) == content.removeprefix(b"\xef\xbb\xbf")


def test_a_file_that_ends_too_early_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    path = _file(tmp_path, gzip.compress(TEXT * 1000)[:-9])
    found = []
    with pytest.raises(CutOffFileError, match="ends too early"):
        found.extend(blocks(path))
    assert b"".join(found).startswith(TEXT)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(gzip.compress(TEXT)[:-8] + b"\1\2\3\4" + gzip.compress(TEXT)[-4:], id="wrong checksum"),
        pytest.param(gzip.compress(TEXT) + b"<html>", id="something follows"),
        pytest.param(b"\x1f\x8b" + b"\xff" * 50, id="no stream"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_damaged_file_is_named(broken: bytes, tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match=r"2026-05-01-1.json.gz is (damaged|empty)"):
        list(blocks(_file(tmp_path, broken)))


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 1000)
    monkeypatch.setattr(lines, "BLOCK", 300)
    content = b'{"a":1}\n{"b":"' + b"x" * 50_000 + b'"}\n{"c":3}\n'
    found = b"".join(blocks(_file(tmp_path, gzip.compress(content)))).splitlines()
    assert (found[0], found[2]) == (b'{"a":1}', b'{"c":3}')
    assert len(found[1]) < 2000


def test_giving_up_in_the_middle_leaves_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 8)
    found = blocks(_file(tmp_path, gzip.compress(TEXT * 100)))
    next(found)
    found.close()


def test_only_a_whole_gzip_file_passes_the_check_to_its_end(tmp_path: Path) -> None:
    check_to_the_end(_file(tmp_path, gzip.compress(TEXT)))
    for broken in (TEXT, gzip.compress(TEXT)[:-1], zlib.compress(TEXT)):
        with pytest.raises(DamagedFileError):
            check_to_the_end(_file(tmp_path, broken))


def test_the_manifest_notices_one_changed_byte(tmp_path: Path) -> None:
    path = _file(tmp_path, gzip.compress(TEXT))
    Manifest(tmp_path).keep(path.name, digest(path))
    assert Manifest(tmp_path).check(path) == digest(path)
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    with pytest.raises(DamagedFileError, match="SHA-256"):
        Manifest(tmp_path).check(path)


def test_the_manifest_has_the_form_of_sha256sum(tmp_path: Path) -> None:
    path = _file(tmp_path, gzip.compress(TEXT))
    Manifest(tmp_path).keep(path.name, digest(path))
    Manifest(tmp_path).keep("2026-05-01-0.json.gz", "0" * 64)
    assert (tmp_path / "SHA256SUMS").read_text() == f"{'0' * 64}  2026-05-01-0.json.gz\n{digest(path)}  {path.name}\n"
    assert {p.name for p in tmp_path.iterdir()} == {path.name, "SHA256SUMS"}
