"""Fetching a model over everything that goes wrong: the file is whole and right, or it is not there."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.collect.trust import _SystemAdapter
from galaxy_desktop.domain.traffic import OpenGate
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    GalaxyError,
    ModelError,
    NetworkOffError,
    OfflineError,
    RefusedError,
    StoreError,
)
from galaxy_desktop.reason.downloads import KEPT_FREE, Fetched, FileDownload, Means, News, Wanted
from galaxy_desktop.reason.pace import Pace
from galaxy_desktop.reason.part_file import PartFile
from galaxy_desktop.services.model_http import HttpTransport, Times, check_address
from tests.reason.gguf_files import whole
from tests.services.model_server import Fault, ModelServer

CONTENT = whole() + random.Random(5).randbytes(200_000)
SHA = hashlib.sha256(CONTENT).hexdigest()
CUT = Fault(cut_after=60_000)


class Gate(OpenGate):
    """Counts what passes; may be closed."""

    def __init__(self) -> None:
        self.passed: list[tuple[str, int, str]] = []
        self.received = 0
        self.on = True

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        if not self.on:
            raise NetworkOffError("The network is switched off.")
        self.passed.append((host, port, purpose))

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        self.received += received


class World:
    """A server, a folder, and downloads from the one into the other."""

    def __init__(self, folder: Path) -> None:
        self.server = ModelServer({"/m.gguf": CONTENT})
        self.gate = Gate()
        self.stop = threading.Event()
        self.target = folder / "m" / "m.gguf"
        self.news: list[News] = []
        self.waits: list[float] = []
        self.clock = 0.0
        self.heard: Callable[[News], None] = lambda news: None
        self.transport = HttpTransport(
            lambda: Route(gate=self.gate), lambda: self.gate.on, Times(connect=5.0, silent=0.15)
        )

    def _sleep(self, seconds: float) -> None:
        self.clock += seconds
        self.waits.append(seconds)

    def _tell(self, news: News) -> None:
        self.news.append(news)
        self.heard(news)

    def fetch(
        self, *urls: str, size: int = len(CONTENT), sha256: str = SHA, free: int = 10**12, limit: int = 0
    ) -> Fetched:
        """One run of the program."""
        pace = Pace(lambda: limit, self.stop, lambda: self.clock, self._sleep)
        means = Means(transport=self.transport, pace=pace, stop=self.stop, told=self._tell, free=lambda _: free)
        wanted = Wanted(target=self.target, urls=urls or (f"{self.server.url}/m.gguf",), bytes=size, sha256=sha256)
        return FileDownload(wanted, means).run()

    def close(self) -> None:
        self.transport.close()
        self.server.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def _ranges(world: World) -> list[str | None]:
    return [one.range for one in world.server.asked]


def _right(world: World, found: Fetched) -> None:
    assert (found.path.read_bytes() == CONTENT, found.sha256, found.bytes) == (True, SHA, len(CONTENT))
    assert [one.name for one in found.path.parent.iterdir()] == ["m.gguf"]


def test_a_file_arrives_checked_and_every_byte_of_it_is_in_the_ledger(world: World) -> None:
    _right(world, world.fetch())
    assert world.gate.passed == [("127.0.0.1", world.server.port, "model download")]
    assert world.gate.received == len(CONTENT)
    assert world.news[-1].done == world.news[-1].total == len(CONTENT)


def test_a_connection_that_breaks_again_and_again_costs_no_byte_twice(world: World) -> None:
    world.server.faults = [CUT, CUT, CUT]
    _right(world, world.fetch())
    assert _ranges(world) == [None, "bytes=60000-", "bytes=120000-", "bytes=180000-"]
    assert world.gate.received == len(CONTENT)
    assert {one.if_range for one in world.server.asked[1:]} != {None}


def test_a_line_that_breaks_more_often_than_there_are_pauses_still_brings_the_file(world: World) -> None:
    world.server.faults = [Fault(cut_after=20_000)] * 9
    _right(world, world.fetch())
    assert sum(world.waits) == pytest.approx(9 * 1.0)


def test_after_a_restart_of_the_program_only_the_rest_is_asked(world: World) -> None:
    world.server.faults = [Fault(stalls_after=90_000)]
    world.heard = lambda news: world.stop.set() if news.done == 90_000 else None
    with pytest.raises(CancelledByUserError):
        world.fetch()
    assert PartFile(world.target).have <= 90_000
    world.stop.clear()
    world.heard = lambda news: None
    have = PartFile(world.target).have
    _right(world, world.fetch())
    assert _ranges(world) == [None, f"bytes={have}-"]


def test_a_server_that_ignores_range_sends_the_whole_and_it_is_taken(world: World) -> None:
    world.server.faults = [CUT, Fault(ignores_range=True)]
    _right(world, world.fetch())


def test_a_server_that_stalls_is_asked_again(world: World) -> None:
    world.server.faults = [Fault(stalls_after=70_000)]
    _right(world, world.fetch())
    assert _ranges(world) == [None, "bytes=70000-"]


def test_a_server_that_only_ever_breaks_off_ends_in_a_sentence_and_the_part_is_kept(world: World) -> None:
    world.server.faults = [CUT, *[Fault(drops=True)] * 9]
    with pytest.raises(BrokenAnswerError, match=r"broke off\. What came is kept; try again"):
        world.fetch()
    assert PartFile(world.target).have == 60_000
    assert not world.target.exists()


@pytest.mark.parametrize("promised", [10, len(CONTENT) + 1000], ids=["too little", "too much"])
def test_a_server_that_lies_about_the_length_of_a_known_file_is_not_believed(world: World, promised: int) -> None:
    world.server.faults = [Fault(promised=promised)]
    with pytest.raises(RefusedError, match="it is another file"):
        world.fetch()
    assert not world.target.exists()


def test_the_next_mirror_is_asked_where_one_says_no(world: World) -> None:
    world.server.faults = [Fault(status=404)]
    _right(world, world.fetch(f"{world.server.url}/gone", f"{world.server.url}/m.gguf"))


def test_a_download_goes_on_at_another_mirror_where_the_hash_is_known(world: World) -> None:
    world.server.files["/mirror/m.gguf"] = CONTENT
    world.server.faults = [CUT]
    _right(world, world.fetch(f"{world.server.url}/m.gguf", f"{world.server.url}/mirror/m.gguf"))
    assert [(one.path, one.range, one.if_range) for one in world.server.asked] == [
        ("/m.gguf", None, None),
        ("/mirror/m.gguf", "bytes=60000-", None),
    ]


def test_wrong_bytes_are_never_kept_and_the_next_mirror_is_asked(world: World) -> None:
    world.server.faults = [Fault(wrong_bytes=True)]
    with pytest.raises(RefusedError, match=r"sent wrong bytes for m\.gguf: its SHA-256 is not the expected one"):
        world.fetch()
    assert list(world.target.parent.iterdir()) == []
    world.server.files["/mirror/m.gguf"] = CONTENT
    world.server.faults = [Fault(wrong_bytes=True)]
    _right(world, world.fetch(f"{world.server.url}/m.gguf", f"{world.server.url}/mirror/m.gguf"))


def test_a_part_that_was_damaged_on_disk_is_fetched_anew_before_a_server_is_blamed(world: World) -> None:
    world.server.faults = [CUT]
    world.heard = lambda news: world.stop.set() if news.stage == "waiting" else None
    with pytest.raises(CancelledByUserError):
        world.fetch()
    part = PartFile(world.target).path
    part.write_bytes(b"GGUF" + bytes(59_996))
    world.stop.clear()
    world.heard = lambda news: None
    _right(world, world.fetch())
    assert _ranges(world)[-2:] == ["bytes=60000-", None]


@pytest.mark.parametrize("known", [False, True])
def test_a_file_that_changes_in_the_middle_is_never_mixed(world: World, known: bool) -> None:
    world.server.faults = [CUT, Fault(new_version=True)]
    if known:
        with pytest.raises(RefusedError, match="wrong bytes"):
            world.fetch()
        assert list(world.target.parent.iterdir()) == []
    else:
        assert world.fetch(sha256="", size=0).path.read_bytes() == world.server.files["/m.gguf"] != CONTENT


def test_without_a_hash_the_rest_is_asked_only_of_what_is_certainly_the_same_file(world: World) -> None:
    world.server.tags = False
    world.server.faults = [CUT]
    found = world.fetch(sha256="", size=0)
    assert found.path.read_bytes() == CONTENT
    assert _ranges(world) == [None, None]


def test_a_date_recognizes_a_file_where_there_is_no_tag(world: World) -> None:
    world.server.tags = False
    dated = {"Last-Modified": "Wed, 06 May 2026 12:00:00 GMT"}
    world.server.faults = [Fault(cut_after=60_000, headers=dated)]
    world.fetch(sha256="", size=0)
    assert world.server.asked[1].if_range == dated["Last-Modified"]


def test_without_a_hash_a_whole_model_is_taken_and_half_a_one_is_not(world: World) -> None:
    assert world.fetch(sha256="", size=0).sha256 == SHA
    world.target.unlink()
    world.server.files["/m.gguf"] = whole()[:-100]
    with pytest.raises(ModelError, match="not whole"):
        world.fetch(sha256="", size=0)
    assert not world.target.exists()


def test_the_hash_that_a_server_promises_with_its_redirect_is_held_against_it(world: World) -> None:
    told = {"X-Linked-Etag": f'"{"0" * 64}"'}
    world.server.faults = [Fault(location="/m.gguf", headers=told)]
    with pytest.raises(RefusedError, match="wrong bytes"):
        world.fetch(f"{world.server.url}/resolve/m.gguf", sha256="", size=0)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=401), "only to people with an account"),
        (Fault(status=403), r"does not give m.gguf to you \(status 403\)"),
        (Fault(status=404), r"does not have m.gguf \(status 404\)"),
        (Fault(status=451), r"\(status 451\)"),
        (Fault(status=204), "answered with status 204"),
        (Fault(page=True), "sent a web page instead of m.gguf"),
        (Fault(headers={"Content-Encoding": "gzip"}), "packed"),
        (Fault(status=429, headers={"Retry-After": "7200"}), "wants to be asked again in 2 h"),
        (Fault(location="http://example.com/m.gguf"), "sends on to plain http"),
        (Fault(location="ftp://example.com/m.gguf"), "is no address"),
    ],
)
def test_a_refusal_is_told_in_words_with_what_to_do(world: World, fault: Fault, said: str) -> None:
    world.server.faults = [fault]
    with pytest.raises(RefusedError, match=said):
        world.fetch()
    assert len(world.server.asked) == 1
    assert not world.target.exists()


@pytest.mark.parametrize("asked", ["7", "soon", ""])
def test_a_server_that_asks_for_a_pause_gets_it(world: World, asked: str) -> None:
    world.server.faults = [Fault(status=429, headers={"Retry-After": asked} if asked else {})]
    _right(world, world.fetch())
    assert sum(world.waits) == pytest.approx(7.0 if asked == "7" else 30.0)
    assert next(news.sentence for news in world.news if news.stage == "waiting").endswith("s.")


def test_a_fault_of_the_server_is_waited_for(world: World) -> None:
    world.server.faults = [Fault(status=500), Fault(status=503, headers={"Retry-After": "x"}), Fault(status=502)]
    _right(world, world.fetch())
    assert sum(world.waits) == pytest.approx(1 + 4 + 16)


def test_redirects_lead_to_the_file_and_each_host_is_in_the_ledger(world: World) -> None:
    world.server.faults = [Fault(location="/b"), Fault(location=f"http://localhost:{world.server.port}/m.gguf")]
    _right(world, world.fetch())
    assert [host for host, _, _ in world.gate.passed] == ["127.0.0.1", "127.0.0.1", "localhost"]


@pytest.mark.parametrize("places", [["/m.gguf"], ["/a", "/b", "/a"], [f"/{n}" for n in range(9)]])
def test_redirects_that_lead_nowhere_end(world: World, places: list[str]) -> None:
    world.server.faults = [Fault(location=place) for place in places]
    with pytest.raises(RefusedError, match="from one address to the next"):
        world.fetch()


def test_a_server_that_sends_another_piece_is_asked_for_the_whole(world: World) -> None:
    world.server.faults = [CUT, Fault(other_piece=True)]
    _right(world, world.fetch())
    assert _ranges(world) == [None, "bytes=60000-", None]


def test_a_part_longer_than_the_file_is_fetched_anew(world: World) -> None:
    world.server.faults = [CUT]
    world.heard = lambda news: world.stop.set() if news.stage == "waiting" else None
    with pytest.raises(CancelledByUserError):
        world.fetch(sha256="", size=0)
    PartFile(world.target).path.write_bytes(bytes(len(CONTENT) + 5))
    world.stop.clear()
    world.heard = lambda news: None
    assert world.fetch(sha256="", size=0).path.read_bytes() == CONTENT


def test_a_whole_part_only_needs_its_name(world: World) -> None:
    world.server.faults = [CUT]
    world.heard = lambda news: world.stop.set() if news.stage == "waiting" else None
    with pytest.raises(CancelledByUserError):
        world.fetch()
    PartFile(world.target).path.write_bytes(CONTENT)
    world.stop.clear()
    _right(world, world.fetch())
    assert len(world.server.asked) == 1


def test_a_disk_without_room_is_told_before_the_first_byte(world: World) -> None:
    with pytest.raises(StoreError, match=r"100 kB free and 500 MB more are needed.*what was downloaded is kept"):
        world.fetch(free=100_000)
    assert not world.target.parent.exists() or PartFile(world.target).have == 0


def test_a_disk_that_fills_up_meanwhile_keeps_what_came(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: PartFile, piece: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartFile, "write", full)
    with pytest.raises(StoreError, match="more are needed"):
        world.fetch(free=KEPT_FREE * 2)


def test_a_folder_that_cannot_be_written_is_a_sentence(world: World) -> None:
    world.target.parent.write_text("a file")
    with pytest.raises(StoreError, match=r"cannot be written|free"):
        world.fetch()


def test_a_switched_off_network_is_asked_nothing(world: World) -> None:
    world.gate.on = False
    with pytest.raises(NetworkOffError):
        world.fetch()
    assert world.server.asked == []


def test_a_network_switched_off_in_the_middle_ends_the_download_and_keeps_the_part(world: World) -> None:
    world.heard = lambda news: setattr(world.gate, "on", False)
    with pytest.raises(NetworkOffError):
        world.fetch(limit=1_000_000)
    assert 0 < PartFile(world.target).have < len(CONTENT)


def test_a_server_that_is_not_there_is_told_as_that(world: World) -> None:
    with pytest.raises(OfflineError, match=r"cannot be reached\. Check the network"):
        world.fetch("http://127.0.0.1:1/m.gguf")


@pytest.mark.parametrize("known", [True, False])
def test_a_stop_ends_a_read_that_waits(world: World, known: bool) -> None:
    world.transport = HttpTransport(lambda: Route(gate=world.gate), lambda: True, Times(silent=60.0))
    world.server.faults = [Fault(stalls_after=50_000, no_length=not known)]

    def stop() -> None:
        assert world.server.stalled.wait(10)
        world.stop.set()
        world.transport.end_now()

    helper = threading.Thread(target=stop)
    helper.start()
    with pytest.raises(CancelledByUserError):
        world.fetch(size=len(CONTENT) if known else 0, sha256=SHA if known else "")
    helper.join()
    assert PartFile(world.target).have <= 50_000


@pytest.mark.parametrize("spared", [False, True])
def test_the_proxy_that_was_set_is_the_way_unless_the_host_is_spared(
    world: World, monkeypatch: pytest.MonkeyPatch, spared: bool
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1" if spared else "")
    world.transport = HttpTransport(lambda: Route(gate=world.gate, proxy=world.server.url))
    world.server.files["http://127.0.0.1:9/m.gguf"] = CONTENT
    if spared:
        with pytest.raises(OfflineError):
            world.fetch("http://127.0.0.1:9/m.gguf")
    else:
        _right(world, world.fetch("http://127.0.0.1:9/m.gguf"))


def test_a_proxy_that_wants_a_password_is_told_as_that(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    world.transport = HttpTransport(lambda: Route(gate=world.gate, proxy=world.server.url))
    world.server.faults = [Fault(status=407)]
    with pytest.raises(RefusedError, match="wants a name and a password"):
        world.fetch("http://127.0.0.1:9/m.gguf")


def test_servers_are_trusted_with_what_the_system_trusts_and_no_password_of_a_netrc_is_sent() -> None:
    transport = HttpTransport(Route)
    assert isinstance(transport._session.get_adapter("https://huggingface.co"), _SystemAdapter)
    assert transport._session.auth is not None
    transport.close()


def test_a_limit_holds_over_the_whole_download(world: World) -> None:
    _right(world, world.fetch(limit=50_000))
    assert world.clock == pytest.approx(len(CONTENT) / 50_000, rel=0.1)


@pytest.mark.parametrize(
    "url", ["", "m.gguf", "file:///etc/passwd", "http://example.com/m.gguf", "https://me:pw@example.com/m", "https://"]
)
def test_an_address_that_will_not_do_is_refused_before_it_is_asked(url: str) -> None:
    with pytest.raises(RefusedError):
        check_address(url)


def test_an_address_names_its_host() -> None:
    assert check_address("https://example.com:8443/a/m.gguf?x=1") == "example.com:8443"
    assert check_address("http://127.0.0.1:80/m.gguf") == "127.0.0.1:80"


PROGRAM = """
import sys, threading
from pathlib import Path
from galaxy_desktop.reason.downloads import FileDownload, Means, Wanted
from galaxy_desktop.reason.pace import Pace
from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.services.model_http import HttpTransport
stop = threading.Event()
means = Means(transport=HttpTransport(Route), pace=Pace(lambda: 0, stop), stop=stop)
FileDownload(Wanted(target=Path(sys.argv[1]), urls=(sys.argv[2],), bytes=int(sys.argv[3]), sha256=sys.argv[4]), means).run()
"""


def test_a_kill_at_any_byte_loses_nothing_that_was_written(world: World) -> None:
    places, begun = (1, 77_777, 150_001), 0
    for place in places:
        world.server.stalled.clear()
        world.server.faults = [Fault(stalls_after=place - begun)]
        program = [
            sys.executable,
            "-c",
            PROGRAM,
            str(world.target),
            f"{world.server.url}/m.gguf",
            str(len(CONTENT)),
            SHA,
        ]
        with subprocess.Popen(program) as process:
            assert world.server.stalled.wait(30)
            while PartFile(world.target).have < place:
                assert process.poll() is None
            process.kill()
        begun = place
    _right(world, world.fetch())
    assert _ranges(world) == [None, *(f"bytes={place}-" for place in places)]


FAULTS = st.one_of(
    st.builds(Fault, cut_after=st.integers(0, 2000)),
    st.builds(Fault, promised=st.integers(0, 4000)),
    st.builds(Fault, status=st.sampled_from([400, 403, 404, 408, 416, 429, 500, 503])),
    st.builds(Fault, location=st.sampled_from(["/m.gguf", "/b", "http://example.com/"])),
    st.builds(Fault, cut_after=st.integers(0, 2000), no_length=st.just(True)),
    st.sampled_from(
        [
            Fault(ignores_range=True),
            Fault(other_piece=True),
            Fault(wrong_bytes=True),
            Fault(new_version=True),
            Fault(page=True),
            Fault(drops=True),
            Fault(no_length=True),
            Fault(wrong_bytes=True, cut_after=1500),
            Fault(headers={"Content-Encoding": "gzip"}),
        ]
    ),
)


@settings(max_examples=40)
@given(st.lists(FAULTS, max_size=6), st.booleans(), st.booleans())
def test_whatever_goes_wrong_the_file_is_right_or_absent_and_a_sentence_says_why(
    faults: list[Fault], tags: bool, known: bool
) -> None:
    content = whole() + random.Random(2).randbytes(800)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            world.server.files, world.server.tags = {"/m.gguf": content}, tags
            world.server.faults = list(faults)
            _run_twice(world, content, known=known)
        finally:
            world.close()


def _run_twice(world: World, content: bytes, *, known: bool) -> None:
    """Two starts of the program, one after the other."""
    for _ in range(2):
        found, said = _outcome(
            world, len(content) if known else 0, hashlib.sha256(content).hexdigest() if known else ""
        )
        assert world.target.exists() == (found is not None)
        assert said.endswith(".")
        if found is not None:
            assert world.target.read_bytes() == content or (not known and _is_whole(found))
            return


def _outcome(world: World, size: int, sha256: str) -> tuple[Fetched | None, str]:
    try:
        return world.fetch(size=size, sha256=sha256), "."
    except GalaxyError as error:
        return None, str(error)


def _is_whole(found: Fetched) -> bool:
    """Without a published hash only a server that lies consistently can give a wrong file, and it is a whole model."""
    return found.path.read_bytes()[:4] == b"GGUF"
