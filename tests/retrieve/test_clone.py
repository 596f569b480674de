"""A clone is read without running anything: which files, which are left out, and what is refused with a sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from galaxy_desktop.errors import RefusedError
from galaxy_desktop.retrieve.clone import open_clone, remote_name
from galaxy_desktop.retrieve.code_texts import Place, code_groups, evidence_id, place_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)
Files = dict[str, str]
Made = Callable[..., Path]


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A clone of o/r with these files committed."""

    def make(files: Files, *, remote: str = "git@github.com:O/r.git") -> Path:
        folder = tmp_path / "clone"
        folder.mkdir()
        git(folder, "init", "-q")
        if remote:
            git(folder, "remote", "add", "origin", remote)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        git(folder, "add", "-f", ".")
        git(folder, "commit", "-q", "-m", "x", "--allow-empty")
        return folder

    return make


def paths(folder: Path) -> list[str]:
    clone = open_clone(folder, "o/r")
    found = [file.path for file in clone.files()]
    clone.close()
    return found


def test_tracked_and_new_files_are_read_but_not_what_is_ignored(made: Made) -> None:
    folder = made(
        {".gitignore": "*.log.py\nbuilt/\n!keep.log.py\n", "a.py": "x = 1", "sub/.gitignore": "/b.py\n!again.log.py\n"}
    )
    for name in ("new.py", "x.log.py", "keep.log.py", "built/c.py", "sub/b.py", "sub/again.log.py", "sub/deep/b.py"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text("y = 2")
    assert paths(folder) == ["a.py", "keep.log.py", "new.py", "sub/again.log.py", "sub/deep/b.py"]


def test_a_tracked_file_counts_also_when_it_is_ignored(made: Made) -> None:
    assert paths(made({".gitignore": "a.py\n", "a.py": "x = 1"})) == ["a.py"]


def test_what_the_clone_excludes_for_itself_is_left_out(made: Made) -> None:
    folder = made({"a.py": "x"})
    (folder / ".git" / "info" / "exclude").write_text("mine.py\n")
    (folder / "mine.py").write_text("x")
    assert paths(folder) == ["a.py"]


def test_links_are_never_followed(made: Made, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("x = 1")
    folder = made({"a.py": "x", "real/b.py": "y"})
    (folder / "link.py").symlink_to(outside / "secret.py")
    (folder / "linked").symlink_to(outside)
    git(folder, "add", "link.py", "linked")
    (folder / "real" / "b.py").unlink()
    (folder / "real").rmdir()
    (folder / "real").symlink_to(outside)
    (outside / "b.py").write_text("z")
    assert paths(folder) == ["a.py"]


def test_folders_with_a_repository_of_their_own_belong_to_that(made: Made) -> None:
    folder = made({"a.py": "x"})
    (folder / "inner").mkdir()
    git(folder / "inner", "init", "-q")
    (folder / "inner" / "b.py").write_text("x")
    assert paths(folder) == ["a.py"]


def test_nothing_of_a_clone_is_run(made: Made, tmp_path: Path) -> None:
    folder, trace = made({"a.py": "x", ".gitattributes": "*.py filter=evil diff=evil\n"}), tmp_path / "ran"
    for name in (
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.evil.textconv",
        "core.pager",
        "core.sshCommand",
    ):
        git(folder, "config", name, f"touch {trace}")
    hook = folder / ".git" / "hooks" / "post-index-change"
    hook.write_text(f"#!/bin/sh\ntouch {trace}\n")
    hook.chmod(0o755)
    assert paths(folder) == ["a.py"]
    assert not trace.exists()


def test_another_work_tree_that_the_settings_name_is_not_read(made: Made, tmp_path: Path) -> None:
    folder = made({"a.py": "x"})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.py").write_text("x")
    git(folder, "config", "core.worktree", str(tmp_path / "other"))
    assert paths(folder) == ["a.py"]


def test_large_files_and_pipes_are_left_out(made: Made) -> None:
    folder = made({"a.py": "x", "big.py": "y = 1\n" * 100_000})
    os.mkfifo(folder / "pipe.py")
    assert paths(folder) == ["a.py"]


@pytest.mark.parametrize(
    ("remote", "words"),
    [("https://github.com/o/other.git", "it is one of o/other"), ("", "no remote of it leads to GitHub")],
)
def test_a_clone_of_another_repository_is_refused_with_what_it_is(made: Made, remote: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        open_clone(made({"a.py": "x"}, remote=remote), "o/r")


def test_folders_that_are_no_clone_are_refused_with_what_to_choose(tmp_path: Path, made: Made) -> None:
    with pytest.raises(RefusedError, match="is not there"):
        open_clone(tmp_path / "nowhere", "o/r")
    with pytest.raises(RefusedError, match="not the top folder of a git clone"):
        open_clone(tmp_path, "o/r")
    folder = made({"sub/a.py": "x"})
    with pytest.raises(RefusedError, match="not the top folder"):
        open_clone(folder / "sub", "o/r")


def test_a_damaged_clone_is_read_as_far_as_its_folder_goes(made: Made) -> None:
    folder = made({"a.py": "x"})
    (folder / ".git" / "index").write_bytes(b"DIRC" + b"\xff" * 60)
    assert paths(folder) == ["a.py"]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://github.com/o/r", "o/r"), ("https://me:pw@github.com/o/r.git", "o/r"), ("git@github.com:o/r.git", "o/r"),
        ("ssh://git@ghe.example.com:2222/o/r.git", "o/r"), ("https://github.com/o/r/", "o/r"), ("/srv/git", ""),
    ],
)  # fmt: skip
def test_the_name_of_a_repository_is_read_from_every_form_of_address(address: str, name: str) -> None:
    assert remote_name(address) == name


def test_lines_are_cited_with_the_commit_that_has_them(made: Made) -> None:
    folder = made({"src/a b.py": "def f():\n    return 1\n", "b.py": "x = one"})
    (folder / "b.py").write_text("x = two")
    clone = open_clone(folder, "o/r")
    texts = {text.id: text for group in code_groups(clone, "https://github.com/o/r", NOW) for text in group.texts()}
    clone.close()
    one = texts["code:o/r@src/a%20b.py#L1-L2"]
    assert one.url == f"https://github.com/o/r/blob/{clone.head}/src/a%20b.py#L1-L2"
    assert place_of(one.id) == Place("o/r", "src/a b.py", 1, 2)
    assert texts["code:o/r@b.py#L1-L1"].url == "", "nobody committed these lines"
    assert evidence_id(place_of(one.id)) == one.id


def test_a_file_that_did_not_change_keeps_its_stamp_over_commits(made: Made) -> None:
    folder = made({"a.py": "x = 1", "b.py": "y = 1"})
    before = {group.key: group.stamp for group in code_groups(open_clone(folder, "o/r"), "u", NOW)}
    (folder / "b.py").write_text("y = 2")
    git(folder, "commit", "-qam", "more")
    after = {group.key: group.stamp for group in code_groups(open_clone(folder, "o/r"), "u", NOW)}
    assert [key for key in before if before[key] != after[key]] == ["code:o/r@b.py"]
