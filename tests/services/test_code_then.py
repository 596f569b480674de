"""Questions about code at a moment of the past: read from the commit that was the newest then."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from galaxy_desktop.domain.code_found import CodeQuestion, CodeWish
from galaxy_desktop.domain.work import Repository
from galaxy_desktop.services.code_then import TOO_SHORT, code_then
from galaxy_desktop.settings import Settings

TRACKED = (Repository(id=1, full_name="o/r", url="https://github.com/o/r"),)
SEARCH = CodeQuestion(CodeWish.SEARCH, "session token")


def git(clone: Path, *arguments: str, day: str = "2026-01-01") -> str:
    """Run git in a clone at a day."""
    at = f"{day}T12:00:00+00:00"
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_COMMITTER_NAME": "a"}
    times = {"GIT_COMMITTER_EMAIL": "a@example.invalid", "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    done = subprocess.run(
        ["git", "-C", str(clone), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **who, **times},
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that was renamed and rewritten on 1 March; before, a test and a secret file were there too."""
    made = tmp_path_factory.mktemp("clone")
    git(made, "init", "-q")
    git(made, "remote", "add", "origin", "https://github.com/o/r")
    (made / "old.py").write_text("def read_session(token):\n    return token\n")
    (made / "test_old.py").write_text(
        "from old import read_session\n\n\ndef test_read_session():\n    read_session('t')\n"
    )
    (made / ".env").write_text("session token = 'x'\n")
    git(made, "add", "-f", ".")
    git(made, "commit", "-qm", "one", day="2026-02-01")
    git(made, "mv", "old.py", "new.py")
    git(made, "rm", "-q", "test_old.py")
    (made / "new.py").write_text("def load_session(token):\n    return token\n")
    git(made, "add", ".")
    git(made, "commit", "-qm", "two", day="2026-03-01")
    return made


def settings(clone: Path) -> Settings:
    """The setting that names the clone."""
    return Settings({"code_folders": f"o/r = {clone}; o/untracked = {clone}"})


def ask(clone: Path, question: CodeQuestion, day: int, month: int = 2) -> tuple[list[str], tuple[str, ...], list[str]]:
    """Words, notes and addresses of an answer."""
    found, notes = code_then(question, settings(clone), TRACKED, datetime(2026, month, day, 12, 0, 1, tzinfo=UTC))
    return [one.words for one in found], notes, [one.evidence.url for one in found]


def test_code_is_read_as_it_was_at_the_moment(clone: Path) -> None:
    words, notes, urls = ask(clone, SEARCH, 15)
    first = git(clone, "rev-parse", "HEAD~1")
    assert "old.py of o/r, lines 1 to 2 (read_session)" in words
    assert not any("new.py" in one for one in words)
    assert (
        urls[words.index("old.py of o/r, lines 1 to 2 (read_session)")]
        == f"https://github.com/o/r/blob/{first}/old.py#L1-L2"
    )
    assert notes == (
        f"Code of o/r is read at commit {first[:9]} of 2026-02-01 12:00, the newest then, and searched by words.",
    )


def test_later_code_is_found_later(clone: Path) -> None:
    words, _, _ = ask(clone, SEARCH, 2, month=3)
    assert words == ["new.py of o/r, lines 1 to 2 (load_session)"]


def test_tests_of_then_are_found_though_they_are_gone(clone: Path) -> None:
    words, _, _ = ask(clone, CodeQuestion(CodeWish.TESTS, "read_session"), 15)
    assert words
    assert all(one.startswith("test_old.py") for one in words)


def test_a_clone_that_does_not_go_back_so_far_says_so(clone: Path) -> None:
    assert ask(clone, SEARCH, 1, month=1) == ([], (TOO_SHORT.format("o/r"),), [])


def test_a_clone_that_was_cut_off_says_so(clone: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(clone, "clone", "-q", "--depth", "1", f"file://{clone}", str(shallow))
    git(shallow, "remote", "set-url", "origin", "https://github.com/o/r")
    assert ask(shallow, SEARCH, 15) == ([], (TOO_SHORT.format("o/r"),), [])


def test_secrets_of_the_past_are_not_read(clone: Path) -> None:
    words, _, _ = ask(clone, SEARCH, 15)
    assert not any(".env" in one for one in words)


def test_a_folder_that_is_no_clone_is_told(tmp_path: Path) -> None:
    found, notes = code_then(SEARCH, settings(tmp_path), TRACKED, datetime(2026, 2, 1, tzinfo=UTC))
    assert found == ()
    assert "is not the top folder of a git clone" in notes[0]
