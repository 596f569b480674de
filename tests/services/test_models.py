"""Models, from nothing to running: what a person may do, what is said, and what is left after each end."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from galaxy_desktop.domain.models import Fit, Memory, Presence, TransferKind, TransferState
from galaxy_desktop.errors import BrokenAnswerError, ModelError, RefusedError, StoreError, WrongUseError
from galaxy_desktop.reason.catalog import File
from galaxy_desktop.reason.downloads import News
from galaxy_desktop.reason.folder_lock import alone_with
from galaxy_desktop.reason.soundness import identity
from galaxy_desktop.reason.tuning import Notebook, Plan, machine_key
from galaxy_desktop.services import model_memory, models
from galaxy_desktop.services.model_intents import Intent, Intents
from galaxy_desktop.services.model_transfers import Transfers, _Job
from tests.reason.gguf_files import whole
from tests.services.model_server import Fault
from tests.services.models_world import CONTENT, GB, NOW, PATH, SHA, SHAPE, ModelsWorld, entry

STALL = Fault(stalls_after=100_000)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ModelsWorld]:
    made = ModelsWorld(tmp_path / "models")
    yield made
    made.close()


def _states(world: ModelsWorld) -> list[TransferState]:
    """The states in the order in which they were told, each once in a row."""
    told = [one.state for one in world.told]
    return [state for n, state in enumerate(told) if n == 0 or told[n - 1] is not state]


def _stalled(world: ModelsWorld) -> None:
    """A download that hangs after 100,000 bytes."""
    world.server.faults = [STALL]
    world.desk.download("tiny")
    assert world.server.stalled.wait(10)
    while world.catalog().bytes_here("tiny") < 100_000:
        assert world.desk.transfers.busy


# --- downloads


def test_a_download_is_queued_runs_and_is_done(world: ModelsWorld) -> None:
    world.desk.download("tiny")
    world.rest()
    assert world.target.read_bytes() == CONTENT
    assert _states(world) == [TransferState.QUEUED, TransferState.RUNNING, TransferState.DONE]
    assert world.last.sentence == "Tiny model is on this computer now, checked."
    assert world.desk.facts("tiny").presence is Presence.HERE
    assert set(world.door.passed) == {"model download"}
    assert sorted(one.name for one in world.target.parent.iterdir()) == ["m.gguf"]


def test_a_model_of_several_files_is_fetched_file_by_file_and_goes_on_with_the_missing_one(world: ModelsWorld) -> None:
    files = (File("m.gguf", len(CONTENT), SHA), File("deep/config.json", 2, hashlib.sha256(b"{}").hexdigest()))
    world.entries = (entry(files=files),)
    world.desk.download("tiny")
    world.rest()
    assert "does not have config.json" in world.last.sentence
    facts = world.desk.facts("tiny")
    assert (facts.presence, facts.bytes_here, facts.bytes) == (Presence.PART, len(CONTENT), len(CONTENT) + 2)
    world.server.files["/org/repo/resolve/main/deep/config.json"] = b"{}"
    world.desk.download("tiny")
    world.rest()
    assert world.desk.facts("tiny").presence is Presence.HERE
    assert [one.path for one in world.server.asked].count(PATH) == 1
    assert world.last.done == world.last.total == len(CONTENT) + 2


def test_progress_names_host_bytes_and_share(world: ModelsWorld) -> None:
    world.desk.download("tiny")
    world.rest()
    running = [one for one in world.told if one.state is TransferState.RUNNING]
    assert running[-1].done == running[-1].total == len(CONTENT)
    assert running[-1].host == f"127.0.0.1:{world.server.port}"
    assert running[-1].share == 1.0


def test_a_pause_ends_a_stalled_download_at_once_and_outlives_a_restart(world: ModelsWorld) -> None:
    _stalled(world)
    begun = time.monotonic()
    world.desk.pause("tiny")
    world.rest()
    assert time.monotonic() - begun < 5
    assert world.last.state is TransferState.PAUSED
    world.restart().recall()
    assert not world.desk.transfers.busy
    facts = world.desk.facts("tiny")
    assert (facts.presence, facts.bytes_here) == (Presence.PART, 100_000)
    assert facts.transfer is not None
    assert facts.transfer.state is TransferState.PAUSED


def test_a_connection_that_breaks_because_of_a_pause_is_no_failure(
    world: ModelsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaks:
        def __init__(self, *_: object) -> None:
            pass

        def run(self) -> None:
            world.desk.pause("tiny")
            raise BrokenAnswerError("The connection broke off.")

    monkeypatch.setattr("galaxy_desktop.services.model_transfers.ModelDownload", Breaks)
    world.desk.download("tiny")
    world.rest()
    assert (world.last.state, world.last.sentence) == (TransferState.PAUSED, "")
    assert Intents(world.folder).read("tiny") == Intent(TransferState.PAUSED, NOW.isoformat())


def test_a_paused_download_goes_on_where_it_was(world: ModelsWorld) -> None:
    _stalled(world)
    world.desk.pause("tiny")
    world.rest()
    world.restart().download("tiny")
    world.rest()
    assert world.target.read_bytes() == CONTENT
    assert world.server.asked[-1].range == "bytes=100000-"


def test_a_download_that_ran_when_the_program_ended_goes_on_with_the_next_start(world: ModelsWorld) -> None:
    _stalled(world)
    world.restart().recall()
    world.rest()
    assert world.target.read_bytes() == CONTENT


def test_a_download_that_nobody_is_at_says_how_it_goes_on(world: ModelsWorld) -> None:
    Intents(world.folder).keep("tiny", Intent(TransferState.RUNNING, NOW.isoformat()))
    transfer = world.desk.facts("tiny").transfer
    assert transfer is not None
    assert (transfer.state, transfer.sentence) == (
        TransferState.PAUSED,
        "It goes on with the next start of the window, or when it is resumed.",
    )


def test_a_cancel_deletes_what_came_and_nothing_is_recalled(world: ModelsWorld) -> None:
    _stalled(world)
    world.desk.cancel("tiny")
    world.rest()
    assert world.last.state is TransferState.CANCELLED
    assert not world.target.parent.exists()
    world.restart().recall()
    assert not world.desk.transfers.busy
    assert world.desk.facts("tiny").transfer is None


def test_a_paused_download_can_be_cancelled_after_a_restart(world: ModelsWorld) -> None:
    _stalled(world)
    world.desk.pause("tiny")
    world.rest()
    world.restart().cancel("tiny")
    assert not world.target.parent.exists()


def test_one_download_at_a_time_the_others_wait_their_turn(world: ModelsWorld) -> None:
    world.entries = (entry(), entry("second"))
    _stalled(world)
    world.desk.download("second")
    world.desk.download("second")
    assert world.desk.facts("second").transfer == world.last
    assert world.last.state is TransferState.QUEUED
    world.desk.pause("tiny")
    world.rest()
    assert world.desk.facts("second").presence is Presence.HERE


def test_a_download_in_the_queue_can_be_paused_before_it_began(world: ModelsWorld) -> None:
    world.entries = (entry(), entry("second"))
    _stalled(world)
    world.desk.download("second")
    world.desk.pause("second")
    world.desk.cancel("tiny")
    world.rest()
    assert world.desk.facts("second").presence is Presence.ABSENT
    assert Intents(world.folder).read("second") == Intent(TransferState.PAUSED, NOW.isoformat())


def test_without_a_network_a_download_waits_and_goes_on_when_it_is_back(world: ModelsWorld) -> None:
    world.door.on = False
    world.desk.download("tiny")
    world.rest()
    assert world.last.state is TransferState.WAITING
    assert "goes on when it is switched on again" in world.last.sentence
    assert world.server.asked == []
    world.door.on = True
    world.desk.network_switched(on=True)
    world.rest()
    assert world.target.read_bytes() == CONTENT


def test_a_download_that_waits_for_the_network_can_be_cancelled(world: ModelsWorld) -> None:
    world.door.on = False
    world.desk.download("tiny")
    world.rest()
    world.desk.cancel("tiny")
    world.door.on = True
    world.desk.network_switched(on=True)
    assert not world.desk.transfers.busy


def test_why_a_download_failed_is_known_after_a_restart(world: ModelsWorld) -> None:
    world.server.files = {}
    world.desk.download("tiny")
    world.rest()
    assert world.last.state is TransferState.FAILED
    transfer = world.restart().facts("tiny").transfer
    assert transfer is not None
    assert "does not have m.gguf (status 404)" in transfer.sentence


def test_a_fault_of_our_own_ends_one_download_not_the_queue(
    world: ModelsWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("galaxy_desktop.services.model_transfers.ModelDownload", lambda *_: 1 / 0)
        world.desk.download("tiny")
        world.rest()
    assert "a fault of the program" in world.last.sentence
    assert "ZeroDivisionError" in caplog.text
    world.desk.download("tiny")
    world.rest()
    assert world.target.exists()


def test_two_programs_do_not_download_the_same_model(world: ModelsWorld) -> None:
    Intents(world.folder).keep("tiny", Intent(TransferState.RUNNING, NOW.isoformat()))
    with alone_with(world.folder, "tiny"):
        transfer = world.desk.facts("tiny").transfer
        assert transfer is not None
        assert "Another Galaxy Desktop is downloading it" in transfer.sentence
        with pytest.raises(ModelError, match="Pause it there"):
            world.desk.pause("tiny")
        world.desk.recall()
        assert not world.desk.transfers.busy
        world.desk.download("tiny")
        world.rest()
        assert "at work on tiny" in world.last.sentence
        written = Intents(world.folder).read("tiny")
        assert written is not None
        assert written.state is TransferState.RUNNING  # nobody else's download was marked as failed


def test_the_speed_of_a_download_says_nothing_of_what_was_read_from_the_disk(world: ModelsWorld) -> None:
    clock, told = [0.0], world.told
    around = replace(world.desk.transfers._around, seconds=lambda: clock[0])
    teller = Transfers(around, told.append)._teller(_Job("tiny", TransferKind.DOWNLOAD))
    for at, stage, done in ((0.0, "checking what is here", 0), (2.0, "checking what is here", 2_000_000)):
        clock[0] = at
        teller(News(stage=stage, done=done, total=9_000_000))
    for at, done in ((2.1, 2_000_000), (4.1, 2_200_000)):
        clock[0] = at
        teller(News(stage="downloading", done=done, total=9_000_000))
    assert told[-3].speed == pytest.approx(1_000_000)
    assert told[-1].speed == pytest.approx(100_000)
    assert told[-1].seconds_left == pytest.approx(68)


@pytest.mark.parametrize(
    ("name", "said"),
    [("packaged", "comes with the program.*python3 installer setup"), ("nobody", "no model called 'nobody'")],
)
def test_what_cannot_be_downloaded_is_refused_with_what_to_do(world: ModelsWorld, name: str, said: str) -> None:
    with pytest.raises((RefusedError, ModelError), match=said):
        world.desk.download(name)


def test_a_model_that_is_here_is_not_downloaded(world: ModelsWorld) -> None:
    world.put()
    with pytest.raises(RefusedError, match="on this computer already"):
        world.desk.download("tiny")


def test_a_full_disk_is_told_before_the_first_byte(world: ModelsWorld) -> None:
    world.free = 1000
    world.desk.download("tiny")
    world.rest()
    assert "Free some space" in world.last.sentence
    assert world.catalog().bytes_here("tiny") == 0


def test_a_limit_in_settings_holds(world: ModelsWorld) -> None:
    world.settings["model_speed_limit"] = "2000"
    assert world.desk.overview().limit_kb == 2000
    world.desk.download("tiny")
    world.rest()
    assert world.target.exists()


# --- own models


def test_a_model_from_an_address_is_listed_first_and_downloaded_when_asked(world: ModelsWorld) -> None:
    url = f"{world.server.url}/My%20Own.Q4.gguf"
    world.server.files["/My%20Own.Q4.gguf"] = CONTENT
    name = world.desk.add_address(url)
    assert (name, world.server.asked) == ("my-own.q4", [])
    facts = world.desk.facts(name)
    assert (facts.bytes, facts.presence, facts.fit, facts.license_title) == (
        0,
        Presence.ABSENT,
        None,
        "License unknown",
    )
    assert (
        models.offer(facts)
        == f"A file of unknown size from 127.0.0.1:{world.server.port} (and the store it sends on to). License unknown."
    )
    world.desk.download(name)
    world.rest()
    facts = world.desk.facts(name)
    assert (facts.bytes, facts.presence, facts.sha256) == (len(CONTENT), Presence.HERE, SHA)
    assert facts.fit is not None
    assert not facts.fit.need.estimated
    assert world.desk.add_address(url) == name


def test_a_model_that_the_engine_does_not_know_is_not_downloaded_to_its_end(world: ModelsWorld) -> None:
    content = whole(general__architecture="from-the-future") + bytes(6_000_000)
    world.server.files["/f.gguf"] = content
    name = world.desk.add_address(f"{world.server.url}/f.gguf")
    world.desk.download(name)
    world.rest()
    assert "kind 'from-the-future', which this version of the program does not know" in world.last.sentence
    assert world.catalog().bytes_here(name) == 0


@pytest.mark.parametrize(
    ("url", "sha256", "said"),
    [
        ("https://a.example/x.zip", "", "must end in .gguf"),
        ("http://a.example/x.gguf", "", "plain http"),
        ("https://a.example/x.gguf", "12", "64 hexadecimal digits"),
    ],
)
def test_an_address_that_will_not_do_is_not_listed(world: ModelsWorld, url: str, sha256: str, said: str) -> None:
    with pytest.raises((RefusedError, WrongUseError), match=said):
        world.desk.add_address(url, sha256)
    assert len(world.desk.overview().models) == 3


def test_an_import_tells_how_far_it_is_and_what_it_became(world: ModelsWorld, tmp_path: Path) -> None:
    source = tmp_path / "stick.gguf"
    source.write_bytes(whole(5000))
    world.desk.take_in(source)
    world.rest()
    assert world.last.kind is TransferKind.IMPORT
    assert world.last.sentence == "stick.gguf is here now, as Tiny Test (stick)."
    assert world.desk.facts("stick").source == str(source)


def test_a_copy_of_a_known_model_on_a_stick_is_as_good_as_a_download(world: ModelsWorld, tmp_path: Path) -> None:
    _stalled(world)
    world.desk.pause("tiny")
    world.rest()
    source = tmp_path / "stick.gguf"
    source.write_bytes(CONTENT)
    world.desk.take_in(source)
    world.rest()
    facts = world.desk.facts("tiny")
    assert (facts.presence, facts.transfer) == (Presence.HERE, None)


def test_what_is_no_model_is_refused_before_anything_is_copied(world: ModelsWorld, tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_text("<html>")
    with pytest.raises(ModelError, match="but a web page"):
        world.desk.take_in(tmp_path / "page.gguf")


# --- verify, use, remove


def test_verifying_says_that_a_model_is_as_it_should_be(world: ModelsWorld) -> None:
    world.put()
    world.desk.verify("tiny")
    world.rest()
    assert (world.last.state, world.last.sentence) == (
        TransferState.DONE,
        "Tiny model is undamaged: its SHA-256 is the one expected.",
    )


def test_verifying_puts_a_damaged_file_aside_and_a_download_makes_it_whole(world: ModelsWorld) -> None:
    world.put(CONTENT[:-1] + b"x")
    world.desk.verify("tiny")
    world.rest()
    assert "It was put aside. Download or import it again." in world.last.sentence
    assert world.desk.facts("tiny").presence is Presence.DAMAGED
    world.desk.download("tiny")
    world.rest()
    assert world.desk.facts("tiny").presence is Presence.HERE
    assert [one.name for one in world.target.parent.iterdir()] == ["m.gguf"]


def test_what_is_not_here_cannot_be_verified_or_used(world: ModelsWorld) -> None:
    world.desk.verify("tiny")
    world.rest()
    assert "nothing to check" in world.last.sentence
    with pytest.raises(ModelError, match="not on this computer"):
        world.desk.check_use("tiny")


def test_a_model_that_does_not_fit_is_used_only_by_who_insists(world: ModelsWorld) -> None:
    world.put()
    assert world.desk.check_use("tiny").name == "tiny"
    world.memory = Memory(total=2 * GB, free=GB)
    with pytest.raises(ModelError, match=r"does not fit this computer\. It needs"):
        world.desk.check_use("tiny")
    assert world.desk.check_use("tiny", anyway=True).name == "tiny"


def test_a_damaged_model_cannot_be_used(world: ModelsWorld) -> None:
    world.put(bytes(len(CONTENT)))
    with pytest.raises(ModelError, match="not a GGUF"):
        world.desk.check_use("tiny")


def test_the_model_in_use_is_not_removed_without_a_second_word(world: ModelsWorld) -> None:
    world.put()
    world.settings["model"] = "tiny"
    with pytest.raises(RefusedError, match="is in use"):
        world.desk.remove("tiny")
    assert world.target.exists()
    assert world.desk.remove("tiny", confirmed=True) == "Tiny model was removed, which freed 301 kB."
    assert not world.target.exists()


def test_what_set_up_brought_says_how_it_comes_back(world: ModelsWorld) -> None:
    world.put(name="packaged")
    assert world.desk.remove("packaged").endswith("type: python3 installer setup")


def test_removing_ends_a_download_that_runs(world: ModelsWorld) -> None:
    _stalled(world)
    world.desk.remove("tiny")
    assert not world.target.parent.exists()
    assert not Intents(world.folder).read("tiny")


# --- what is shown


def test_every_model_carries_its_badge_and_a_smaller_one_is_suggested(world: ModelsWorld) -> None:
    huge, tiny = world.desk.facts("huge"), world.desk.facts("tiny")
    assert huge.fit is not None
    assert tiny.fit is not None
    assert (huge.fit.fit, tiny.fit.fit, huge.fit.suggestion) == (Fit.TOO_LARGE, Fit.FITS, "tiny")
    assert "Tiny model fits: it needs" in huge.fit.sentence


def test_a_measured_speed_makes_a_model_slow_and_tells_of_the_others(world: ModelsWorld) -> None:
    world.entries = (entry("small", 2 * GB, shape=SHAPE), entry("large", 5 * GB, shape=SHAPE))
    world.speeds = {"small": 6.0}
    small, large = world.desk.facts("small").fit, world.desk.facts("large").fit
    assert small is not None
    assert large is not None
    assert (small.fit, large.fit, large.tokens_per_second) == (Fit.FITS, Fit.SLOW, pytest.approx(2.4))


def test_what_the_loaded_model_holds_counts_as_free_for_another(world: ModelsWorld) -> None:
    world.entries = (entry("one", 5 * GB, shape=SHAPE), entry("two", 5 * GB, shape=SHAPE))
    world.settings["model"] = "one"
    world.memory = replace(world.memory, free=2 * GB, resident=7 * GB)
    two = world.desk.facts("two").fit
    assert two is not None
    assert two.fit is Fit.FITS
    assert "come back from the model in use" in " ".join(two.arithmetic)


def test_the_overview_says_what_disk_and_memory_have(world: ModelsWorld) -> None:
    world.put()
    shown = world.desk.overview()
    assert (shown.disk_free, shown.disk_used, shown.memory) == (world.free, len(CONTENT), world.memory)
    assert [one.name for one in shown.models] == ["tiny", "huge", "packaged"]
    assert shown.named("tiny") == world.desk.facts("tiny")
    assert shown.named("gone") is None


def test_mirrors_of_the_environment_that_will_not_do_do_not_hide_the_models(
    world: ModelsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALAXY_MODEL_MIRRORS", "http://not.encrypted")
    assert world.desk.facts("tiny").host == ""


def test_an_offer_names_host_size_and_license(world: ModelsWorld) -> None:
    said = models.offer(replace(world.desk.facts("huge"), host="huggingface.co"))
    assert said == "40.0 GB from huggingface.co (and the store it sends on to). MIT."


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"state": "gone"}', json.dumps({"state": "done", "asked_at": "", "sentence": ""})]
)
def test_an_intent_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "download.json").write_text(text)
    assert Intents(tmp_path).read("tiny") is None


def test_an_intent_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "tiny").write_text("a file")
    with pytest.raises(StoreError, match="cannot be written"):
        Intents(tmp_path).keep("tiny", Intent(TransferState.PAUSED, ""))


def test_memory_is_measured_in_bytes() -> None:
    memory = model_memory.measure()
    assert memory.total == psutil.virtual_memory().total
    assert 0 < memory.resident < memory.total
    assert model_memory.held_by_model(Memory(total=9, free=1, resident=8 * GB), 6 * GB) == 6 * GB
    assert model_memory.held_by_model(Memory(total=9, free=1, resident=2 * GB), 6 * GB) == 0


def test_the_path_that_is_asked_is_that_of_the_repository(world: ModelsWorld) -> None:
    world.desk.download("tiny")
    world.rest()
    assert [one.path for one in world.server.asked] == [PATH]


def test_a_speed_that_the_engine_measured_here_is_found_by_what_the_weights_are(
    world: ModelsWorld, tmp_path: Path
) -> None:
    path, notes = world.put(), tmp_path / "speeds.json"
    plan = Plan(write_threads=1, read_threads=1, at_once=64, write_speed=5.5, read_speed=20.0)
    Notebook(notes).keep(machine_key(identity(path), "1", 2), plan)
    assert model_memory.speeds(world.catalog(), notes) == {"tiny": 5.5}
    assert model_memory.speeds(world.catalog(), tmp_path / "gone.json") == {}
