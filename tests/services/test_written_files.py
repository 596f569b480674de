"""Files that a command writes: whole or not at all, and never over what it reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.written_files import check_targets, write_whole


def test_a_file_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "né\n")
    assert path.read_bytes() == "né\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_new_file_can_be_read_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_whole(tmp_path / "a", "x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_what_was_there_survives_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WrongUseError, match="cannot be written: No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_device_is_written_to_and_stays_one() -> None:
    write_whole(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_targets_are_looked_at_before_long_work(tmp_path: Path) -> None:
    read = tmp_path / "read"
    read.touch()
    os.link(read, tmp_path / "again")
    for targets, named in (
        ((read,), "would be overwritten"),
        ((tmp_path / "again",), "would be overwritten"),
        ((tmp_path / "new", tmp_path / "." / "new"), "would be overwritten"),
        ((tmp_path,), "it is a folder"),
        ((tmp_path / "no" / "file",), "there is no folder"),
    ):
        with pytest.raises(WrongUseError, match=named):
            check_targets(targets, (read, None))
    check_targets((None, tmp_path / "new"), (read,))
