"""Code of clones is found by description, by likeness and by what it tests; and it goes when nobody names it any more."""

from __future__ import annotations

import json
import math
import re
import subprocess
import threading
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from galaxy_desktop import cli
from galaxy_desktop.domain.code_folders import code_folders_of, written
from galaxy_desktop.domain.evidence import EVIDENCE_ID
from galaxy_desktop.errors import ModelError
from galaxy_desktop.retrieve import embed
from galaxy_desktop.services.code_index import CodeLibrary, sources_of
from galaxy_desktop.services.code_tests import Candidate, Target, ranked, stem_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FILES = {
    "src/session.py": 'def load_session(token):\n    """Read the session of a token."""\n    return STORE[token]\n\n\n'
    "def drop_session(token):\n    STORE.pop(token, None)\n",
    "src/invoice.py": "def total(lines):\n    return sum(line.price for line in lines)\n",
    "tests/test_session.py": "from src.session import load_session\n\n\ndef test_a_session_is_loaded():\n    assert load_session('a')\n",
    "tests/test_web.py": "import src.web\n\n\ndef test_login():\n    web.login()\n    load_session('b')\n",
    "tests/test_invoice.py": "from src.invoice import total\n\n\ndef test_total():\n    assert total([]) == 0\n",
    "README.md": "# Shop\n\n## Sessions\n\nA session lives for ten minutes.\n",
}


class Buckets:
    """Counts words into buckets, as vectors of length 1: texts that share words are near each other."""

    name = "buckets"

    def encode(self, texts: list[str]) -> list[list[float]]:
        return [_vector(text) for text in texts]

    def rest(self) -> bool:
        return False

    def close(self) -> None: ...


def _vector(text: str) -> list[float]:
    row = [0.0] * 64
    for word in re.findall(r"[a-z]+", text.casefold()):
        row[zlib.crc32(word.encode()) % 64] += 1.0
    length = math.sqrt(sum(x * x for x in row)) or 1.0
    return [x / length for x in row]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "remote", "add", "up", "https://github.com/o/r"], check=True)
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[CodeLibrary]:
    made = CodeLibrary(tmp_path / "code", Buckets())
    yield made
    made.close()


@pytest.fixture
def filled(library: CodeLibrary, clone: Path) -> CodeLibrary:
    library.update({"o/r": clone}, {"o/r": "https://github.com/o/r"}, NOW)
    return library


def test_a_function_is_found_by_what_it_does_with_lines_that_can_be_cited(filled: CodeLibrary) -> None:
    hit = filled.search("read the session of a token", kinds=("code",))[0]
    assert (hit.path, hit.symbol, hit.first, hit.last) == ("src/session.py", "load_session", 1, 3)
    assert hit.evidence.id == "code:o/r@src/session.py#L1-L3"
    assert EVIDENCE_ID.match(hit.evidence.id)


def test_docs_and_tests_are_kinds_of_their_own(filled: CodeLibrary) -> None:
    assert filled.search("how long lives a session", kinds=("docs",))[0].symbol == "Sessions"
    assert {hit.kind for hit in filled.search("session", kinds=("test",))} == {"test"}


def test_similar_code_leaves_the_piece_itself_out(filled: CodeLibrary) -> None:
    piece = "def total(lines):\n    return sum(line.price for line in lines)"
    assert all(hit.path != "src/invoice.py" for hit in filled.similar(piece))
    assert filled.similar("def totals(ls):\n    return sum(line.price for line in ls)")[0].symbol == "total"


@pytest.mark.parametrize(
    ("name", "imports"),
    [
        ("load_session", "imports it"),
        ("src/session.py", "imports its file"),
        ("src/session.py:load_session", "imports it"),
    ],
)
def test_tests_are_found_by_name_import_and_mention_and_say_why(filled: CodeLibrary, name: str, imports: str) -> None:
    first = filled.tests_for(name)[0]
    assert first.path == "tests/test_session.py"
    assert "named after it" in first.why
    assert imports in first.why


@pytest.mark.parametrize(
    ("path", "line", "why"),
    [
        ("src/domain/history.py", "from src.domain import history", "imports its file"),
        ("src/domain/history.py", "from src.domain.history import x", "imports its file"),
        ("src/domain/history.py", "from src.collect.history import x", "imports something of that name"),
        ("web/src/store.ts", "import { x } from '../src/store'", "imports its file"),
        ("lib/store.rb", "require_relative '../lib/store'", "imports its file"),
        ("src/store.rs", "use crate::store::open;", "imports something of that name"),
        ("history.py", "import history", "imports its file"),
    ],
)
def test_an_import_is_told_from_one_of_a_namesake(path: str, line: str, why: str) -> None:
    assert ranked(Target("", (path,)), [Candidate("tests/test_z.py", "", line, 0)])[0][2] == why


def test_a_test_that_uses_a_name_comes_before_one_that_imports_a_namesake() -> None:
    target = Target("resolved", ("src/domain/history.py",))
    pieces = [
        Candidate("tests/test_newest.py", "", "from src.collect.history import gap", 0),
        Candidate("tests/test_texts.py", "test_bugs", "assert resolved(bugs) == ()", 5),
    ]
    assert [n for n, _, _ in ranked(target, pieces)] == [1, 0]


def test_a_test_that_only_mentions_a_function_comes_behind(filled: CodeLibrary) -> None:
    found = {hit.path: hit.why for hit in filled.tests_for("load_session")}
    assert list(found) == ["tests/test_session.py", "tests/test_web.py"]
    assert found["tests/test_web.py"] == "mentions it"


def test_only_a_changed_file_is_indexed_again(filled: CodeLibrary, clone: Path) -> None:
    (clone / "src" / "invoice.py").write_text("def total(lines):\n    return round(sum(lines))\n")
    (state,) = filled.update({"o/r": clone}, {}, NOW)
    assert state.changed == 1
    assert "round" in filled.search("total of lines rounded", kinds=("code",))[0].text


def test_a_clone_that_is_not_there_right_now_keeps_its_index(filled: CodeLibrary, clone: Path) -> None:
    clone.rename(clone.with_name("away"))
    (state,) = filled.update({"o/r": clone}, {}, NOW)
    assert "is not there" in state.problem
    assert state.texts == filled.count() > 0


def test_a_clone_that_nobody_names_any_more_is_forgotten_on_the_disk(filled: CodeLibrary, tmp_path: Path) -> None:
    filled.update({}, {}, NOW)
    assert filled.repositories() == ()
    assert list((tmp_path / "code").iterdir()) == []


def test_secrets_are_not_even_in_the_index(library: CodeLibrary, clone: Path, tmp_path: Path) -> None:
    (clone / "src" / "config.py").write_text('PASSWORD = "correct-horse-battery"\n')
    (clone / ".env").write_text("TOKEN=correct-horse-battery")
    library.update({"o/r": clone}, {}, NOW)
    library.close()
    for path in (tmp_path / "code").rglob("*"):
        assert not path.is_file() or b"correct-horse" not in path.read_bytes()


def test_an_update_can_be_stopped_and_goes_on_where_it_was(tmp_path: Path, clone: Path) -> None:
    stop = threading.Event()
    made = CodeLibrary(tmp_path / "code", Buckets(), stop)
    made.stop()
    made.update({"o/r": clone}, {}, NOW)
    assert made.count() == 0
    stop.clear()
    made.update({"o/r": clone}, {}, NOW)
    assert made.count() > 6
    made.close()


def test_names_of_tests_are_read_without_what_marks_them() -> None:
    names = ["tests/test_session.py", "session_test.go", "session.spec.ts", "SessionTest.java", "src/session.py"]
    assert {stem_of(name).casefold() for name in names} == {"session"}


def test_what_is_only_near_is_said_to_be_only_near() -> None:
    far = Candidate("tests/test_a.py", "test_a", "assert a()", 0)
    assert ranked(Target("printer"), [far])[0][2] == "close in meaning"
    assert ranked(Target("a", ("src/a.py",)), [far])[0][2] == "named after it, mentions it, its name says so"


def test_the_setting_is_read_back_as_it_was_written() -> None:
    text = "o/r = /a b/c; o/two=/d"
    assert sources_of(text) == {"o/r": Path("/a b/c"), "o/two": Path("/d")}
    assert code_folders_of(written(code_folders_of(text))) == code_folders_of(text)


@pytest.mark.parametrize("text", ["/home/me/clone", "o/r =", "o/r = /a; O/R = /b"])
def test_a_setting_that_names_no_repository_or_one_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"owner/name|twice"):
        code_folders_of(text)


def test_the_command_indexes_remembers_and_finds(
    tmp_path: Path, clone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "MiniLM", lambda _: Buckets())
    data = ["--data-dir", str(tmp_path / "profile")]
    assert cli.main(["code", "search", "session", *data]) == 2
    assert "No clone is indexed yet" in capsys.readouterr().err
    assert cli.main(["code", "index", "--repo", "o/r", "--folder", str(clone), "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["clones"][0]["texts"] > 6
    assert cli.main(["code", "tests", "load_session", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["found"][0]["path"] == "tests/test_session.py"
    assert cli.main(["code", "search", "read the session", "--kind", "code", *data]) == 0
    assert "  | def load_session(token):" in capsys.readouterr().out
    assert cli.main(["code", "index", "--repo", "o/r", "--remove", *data]) == 0
    assert cli.main(["code", "index", "--repo", "o/other", "--folder", str(clone), *data]) == 3
    assert "is not a clone of o/other" in capsys.readouterr().err


def test_without_a_model_code_is_found_by_its_words(tmp_path: Path, clone: Path) -> None:
    class NoModel(Buckets):
        def encode(self, texts: list[str]) -> list[list[float]]:
            raise ModelError("The search model is not on this computer.")

    made = CodeLibrary(tmp_path / "code", NoModel())
    with pytest.raises(ModelError):
        made.update({"o/r": clone}, {}, NOW)
    assert made.search("session token", kinds=("code",))[0].path == "src/session.py"
    made.close()
