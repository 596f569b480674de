"""A part file knows where its bytes came from, and its hash goes on where it stopped."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.reason.part_file import CHUNK, Origin, PartFile

ORIGIN = Origin(url="https://a.example/x", etag='"1"', total=10)


@pytest.fixture
def part(tmp_path: Path) -> PartFile:
    return PartFile(tmp_path / "deep" / "x.gguf")


def _written(part: PartFile, *pieces: bytes, at: int = 0) -> None:
    part.begin(ORIGIN, at)
    for piece in pieces:
        part.write(piece)
    part.close()


def test_after_a_restart_the_bytes_and_their_origin_are_known(part: PartFile) -> None:
    _written(part, b"abc")
    again = PartFile(part.target)
    assert (again.have, again.origin) == (3, ORIGIN)


def test_the_hash_goes_on_after_a_restart(part: PartFile) -> None:
    _written(part, b"abc")
    again = PartFile(part.target)
    again.catch_up(threading.Event())
    _written(again, b"def", at=3)
    assert again.sha256 == hashlib.sha256(b"abcdef").hexdigest()


def test_reading_what_was_there_can_be_stopped(part: PartFile) -> None:
    _written(part, bytes(3 * CHUNK))
    again, stop, told = PartFile(part.target), threading.Event(), []
    with pytest.raises(CancelledByUserError):
        again.catch_up(stop, lambda done: (told.append(done), stop.set())[0])
    assert told == [CHUNK]
    stop.clear()
    again.catch_up(stop)
    assert again.sha256 == hashlib.sha256(bytes(3 * CHUNK)).hexdigest()


def test_beginning_anew_cuts_off_what_was_there(part: PartFile) -> None:
    _written(part, b"abcdef")
    _written(part, b"xy", at=0)
    assert part.path.read_bytes() == b"xy"
    _written(part, b"abcdef", at=0)
    _written(part, b"z", at=1)
    assert part.path.read_bytes() == b"az"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"url": 1}', "[" * 10_000])
def test_an_origin_that_cannot_be_read_is_no_origin(part: PartFile, text: str) -> None:
    _written(part, b"abc")
    part.path.with_name("x.gguf.part.json").write_text(text)
    assert PartFile(part.target).origin is None


def test_a_finished_file_leaves_nothing_beside_it(part: PartFile) -> None:
    _written(part, b"abc")
    part.finish()
    assert [one.name for one in part.target.parent.iterdir()] == ["x.gguf"]


def test_a_forgotten_one_leaves_nothing(part: PartFile) -> None:
    _written(part, b"abc")
    part.forget()
    part.forget()
    assert list(part.target.parent.iterdir()) == []


def test_bytes_are_written_only_while_it_is_open(part: PartFile) -> None:
    with pytest.raises(RuntimeError):
        part.write(b"x")


@pytest.mark.parametrize(("etag", "modified", "asked"), [('"1"', "d", '"1"'), ('W/"1"', "d", "d"), ("", "", "")])
def test_only_a_strong_tag_or_a_date_recognizes_a_file(etag: str, modified: str, asked: str) -> None:
    assert Origin(etag=etag, modified=modified).validator == asked


@given(st.lists(st.binary(max_size=50), max_size=8), st.sets(st.integers(0, 8)))
def test_the_hash_is_that_of_the_bytes_wherever_the_program_was_restarted(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], restarts: set[int]
) -> None:
    part = PartFile(tmp_path_factory.mktemp("p") / "x")
    _written(part)
    for number, piece in enumerate(pieces):
        if number in restarts:
            part = PartFile(part.target)
        part.catch_up(threading.Event())
        _written(part, piece, at=part.have)
    part.catch_up(threading.Event())
    assert part.sha256 == hashlib.sha256(b"".join(pieces)).hexdigest()
