"""Fetching hours over a connection that breaks: nothing is asked twice, nothing damaged gets a name."""

from __future__ import annotations

import gzip
import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from galaxy_desktop.collect.archive.download import Downloader
from galaxy_desktop.collect.archive.hours import Days, day, files_in, shelf_of
from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.collect.trust import _SystemAdapter
from galaxy_desktop.domain.traffic import OpenGate
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    NetworkOffError,
    OfflineError,
    RefusedError,
    StoreError,
    WrongUseError,
)
from tests.collect.archive_server import ArchiveServer, Mood
from tests.collect.web_server import Page, serving

HOUR = "2026-05-01-7"
NAME = f"{HOUR}.json.gz"
CONTENT = gzip.compress(random.Random(1).randbytes(300_000))


class _Gate(OpenGate):
    def __init__(self) -> None:
        self.passed: list[tuple[str, str]] = []
        self.received = 0

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        assert port
        self.passed.append((host, purpose))

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        self.received += received


@pytest.mark.parametrize("spared", [False, True])
def test_the_proxy_that_was_set_is_the_way_to_the_archive_unless_its_host_is_spared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spared: bool
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1" if spared else "")
    with serving({f"GET http://127.0.0.1:9/{NAME}": Page(404)}) as proxy:
        downloads = Downloader("http://127.0.0.1:9", tmp_path, Route(proxy=proxy.url))
        with pytest.raises(OfflineError) if spared else nullcontext():
            assert downloads.fetch(HOUR) is None
        downloads.close()
    assert len(proxy.asked) == int(not spared)


def test_the_archive_is_trusted_with_what_the_system_trusts(tmp_path: Path) -> None:
    downloads = Downloader("https://archive.example.com", tmp_path)
    assert isinstance(downloads._session.get_adapter("https://archive.example.com"), _SystemAdapter)
    downloads.close()


@pytest.fixture
def server() -> Iterator[ArchiveServer]:
    found = ArchiveServer({NAME: CONTENT})
    yield found
    found.close()


@pytest.fixture
def gate() -> _Gate:
    return _Gate()


@pytest.fixture
def downloads(server: ArchiveServer, gate: _Gate, tmp_path: Path) -> Iterator[Downloader]:
    found = Downloader(server.url, tmp_path / "archive", Route(gate=gate))
    yield found
    found.close()


def _breaks(downloads: Downloader) -> None:
    with pytest.raises(BrokenAnswerError):
        downloads.fetch(HOUR)


def test_an_hour_arrives_checked_and_with_its_checksum(downloads: Downloader, gate: _Gate) -> None:
    told: list[tuple[int, int | None]] = []
    path = downloads.fetch(HOUR, lambda done, total: told.append((done, total)))
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert hashlib.sha256(CONTENT).hexdigest() in (path.parent / "SHA256SUMS").read_text()
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert gate.passed == [("127.0.0.1", "GH Archive")]
    assert gate.received == len(CONTENT)


def test_an_hour_that_is_there_is_not_fetched_again(downloads: Downloader, server: ArchiveServer) -> None:
    downloads.fetch(HOUR)
    assert downloads.present(HOUR) is not None
    assert len(server.asked) == 1


def test_an_hour_that_was_damaged_since_counts_as_missing(downloads: Downloader) -> None:
    path = downloads.fetch(HOUR)
    assert path is not None
    path.write_bytes(CONTENT[:-1])
    assert downloads.present(HOUR) is None


@pytest.mark.parametrize("tags", [True, False], ids=["with ETag", "without"])
def test_after_a_break_only_the_rest_is_asked(downloads: Downloader, server: ArchiveServer, tags: bool) -> None:
    server.tags = tags
    server.moods = [Mood(cut_after=100_000), Mood(cut_after=50_000)]
    _breaks(downloads)
    _breaks(downloads)
    path = downloads.fetch(HOUR)
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert [span for _, span in server.asked] == [None, "bytes=100000-", "bytes=150000-"]


def test_a_server_that_ignores_range_sends_the_whole(downloads: Downloader, server: ArchiveServer) -> None:
    server.ranges = False
    server.moods = [Mood(cut_after=100_000)]
    _breaks(downloads)
    path = downloads.fetch(HOUR)
    assert path is not None
    assert path.read_bytes() == CONTENT


def test_a_file_that_changed_in_between_is_taken_whole(downloads: Downloader, server: ArchiveServer) -> None:
    server.moods = [Mood(cut_after=100_000)]
    _breaks(downloads)
    server.files[NAME] = other = gzip.compress(b"other" * 100_000)
    path = downloads.fetch(HOUR)
    assert path is not None
    assert path.read_bytes() == other


def test_pieces_of_two_files_never_become_one(downloads: Downloader, server: ArchiveServer) -> None:
    server.tags = False
    server.moods = [Mood(cut_after=100_000)]
    _breaks(downloads)
    server.files[NAME] = other = gzip.compress(random.Random(2).randbytes(300_000))
    _breaks(downloads)
    path = downloads.fetch(HOUR)
    assert path is not None
    assert path.read_bytes() == other


def test_a_piece_that_begins_elsewhere_is_thrown_away(downloads: Downloader, server: ArchiveServer) -> None:
    server.moods = [Mood(cut_after=100_000), Mood(wrong_piece=True)]
    _breaks(downloads)
    _breaks(downloads)
    path = downloads.fetch(HOUR)
    assert path is not None
    assert path.read_bytes() == CONTENT


def test_a_download_that_was_killed_before_its_renaming_is_finished(
    downloads: Downloader, server: ArchiveServer, tmp_path: Path
) -> None:
    (tmp_path / "archive" / f"{NAME}.part").write_bytes(CONTENT)
    assert downloads.fetch(HOUR) is not None
    assert server.asked == [(NAME, f"bytes={len(CONTENT)}-")]


@pytest.mark.parametrize("promised", [len(CONTENT) + 5, len(CONTENT) - 5], ids=["too long", "too short"])
def test_a_false_length_leaves_no_file(
    downloads: Downloader, server: ArchiveServer, tmp_path: Path, promised: int
) -> None:
    server.moods = [Mood(promised=promised)]
    _breaks(downloads)
    assert not (tmp_path / "archive" / NAME).exists()


def test_what_is_no_gzip_file_leaves_nothing(downloads: Downloader, server: ArchiveServer, tmp_path: Path) -> None:
    server.files[NAME] = b"<html>Sign in to the hotel's network</html>"
    _breaks(downloads)
    assert list((tmp_path / "archive").iterdir()) == []


def test_an_hour_that_does_not_exist_is_none(downloads: Downloader) -> None:
    assert downloads.fetch("2026-05-01-8") is None


@pytest.mark.parametrize(
    ("status", "error"), [(403, RefusedError), (451, RefusedError), (500, BrokenAnswerError), (429, BrokenAnswerError)]
)
def test_other_answers_are_sentences(
    downloads: Downloader, server: ArchiveServer, status: int, error: type[Exception]
) -> None:
    server.moods = [Mood(status=status)]
    with pytest.raises(error, match=str(status)):
        downloads.fetch(HOUR)


def test_every_host_of_a_redirect_is_announced(downloads: Downloader, server: ArchiveServer, gate: _Gate) -> None:
    server.moods = [Mood(location=f"{server.url.replace('127.0.0.1', 'localhost')}/{NAME}")]
    assert downloads.fetch(HOUR) is not None
    assert [host for host, _ in gate.passed] == ["127.0.0.1", "localhost"]


def test_a_ring_of_redirects_ends(downloads: Downloader, server: ArchiveServer) -> None:
    server.moods = [Mood(location=f"/{NAME}")] * 5
    with pytest.raises(RefusedError, match="from one address to the next"):
        downloads.fetch(HOUR)


def test_a_gate_that_is_closed_lets_nothing_out(server: ArchiveServer, tmp_path: Path) -> None:
    class Closed(OpenGate):
        def pass_out(self, host: str, port: int, purpose: str) -> None:
            raise NetworkOffError("The network is switched off.")

    downloads = Downloader(server.url, tmp_path, Route(gate=Closed()))
    with pytest.raises(NetworkOffError):
        downloads.fetch(HOUR)
    assert server.asked == []


def test_cancel_keeps_what_came(server: ArchiveServer, tmp_path: Path) -> None:
    stop = threading.Event()
    downloads = Downloader(server.url, tmp_path, stop=stop)
    with pytest.raises(CancelledByUserError):
        downloads.fetch(HOUR, lambda done, total: stop.set())
    downloads.close()
    assert (tmp_path / f"{NAME}.part").stat().st_size > 0


def test_nobody_at_the_address_is_offline(tmp_path: Path) -> None:
    with pytest.raises(OfflineError, match="cannot be reached"):
        Downloader("http://127.0.0.1:9", tmp_path).fetch(HOUR)


def test_what_cannot_be_an_address_or_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not an address"):
        Downloader("data.gharchive.org", tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be made"):
        Downloader("http://127.0.0.1:9", tmp_path / "file")


def test_days_are_hours_without_leading_zeros_that_have_ended() -> None:
    from datetime import UTC, datetime

    days = Days(day("2026-04-30"), day("2026-05-01"))
    hours = days.hours(datetime(2026, 5, 1, 2, 59, tzinfo=UTC))
    assert (hours[0], hours[23], hours[24:]) == ("2026-04-30-0", "2026-04-30-23", ("2026-05-01-0", "2026-05-01-1"))


@pytest.mark.parametrize(("first", "last"), [("2026-05-02", "2026-05-01"), ("2014-12-31", "2015-01-01")])
def test_impossible_days_are_wrong_use(first: str, last: str) -> None:
    with pytest.raises(WrongUseError):
        Days(day(first), day(last))
    with pytest.raises(WrongUseError, match="2026-05-01"):
        day("yesterday")


def test_files_come_in_the_order_of_their_hours(tmp_path: Path) -> None:
    names = [
        "2026-05-01-10.json.gz",
        "2026-05-01-9.json.gz",
        "mine.ndjson",
        "2026-04-30-23.json",
        "a.part",
        "SHA256SUMS",
    ]
    for name in names:
        (tmp_path / name).touch()
    found = files_in([tmp_path, tmp_path / "mine.ndjson"])
    assert [path.name for path in found] == [names[3], names[1], names[0], names[2]]
    assert [shelf_of(path) for path in found[1:]] == [
        ("2026-05", "2026-05-01-09"), ("2026-05", "2026-05-01-10"), ("other", "mine.ndjson"),
    ]  # fmt: skip
