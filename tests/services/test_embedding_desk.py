"""Search models as a person deals with them: what each costs is told before anything begins, and nothing is sent unasked."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from galaxy_desktop import cli
from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose
from galaxy_desktop.domain.search_models import SearchCost, SearchModelKind, SearchState, setting_of, span
from galaxy_desktop.errors import CancelledByUserError, RefusedError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo
from galaxy_desktop.services.embedding_desk import TRIAL, SearchModelsDesk
from galaxy_desktop.services.second_index import MODEL, READY
from galaxy_desktop.store.database import Store
from tests.services.embedding_server import WIDTH, EmbeddingServer
from tests.services.provider_server import chat, refused
from tests.services.test_embedding_provider import SearchWorld
from tests.services.test_second_index import tiny_model


@pytest.fixture
def world(folder: DataFolder, now: datetime) -> Iterator[SearchWorld]:
    with Store.open(folder) as store:
        for page in demo.DemoWorkspace(demo.scenario_named("healthy"), now).pages():
            store.apply(page).result()
        made = SearchWorld(store, now)
        yield made
        made.close()


def ticking(step: float) -> Callable[[], float]:
    """A clock that moves by a step with every look."""
    return itertools.count(0.0, step).__next__


@pytest.fixture
def models(tmp_path: Path) -> Path:
    tiny_model(tmp_path / "models" / "tiny")
    return tmp_path / "models"


@pytest.fixture
def desk(world: SearchWorld, folder: DataFolder, models: Path) -> SearchModelsDesk:
    return SearchModelsDesk(world.store, world.settings, world.desk, folder, models=lambda: models, clock=ticking(2.0))


def choose(world: SearchWorld, setting: str) -> None:
    world.store.set_setting("search_model", setting, "user", world.time).result()


def test_the_usual_one_the_folders_and_the_providers_stand_in_this_order(
    world: SearchWorld, desk: SearchModelsDesk
) -> None:
    world.offer()
    world.desk.add(Provider(name="claude", kind=ProviderKind.ANTHROPIC, address="https://api.anthropic.com", model="x"))
    usual, tiny, mine = desk.overview().models
    assert [one.kind for one in (usual, tiny, mine)] == list(SearchModelKind)
    assert (usual.used, usual.answers, "Run the set-up again" in usual.problem) == (True, True, True)
    assert (tiny.width, tiny.used, tiny.answers) == (16, False, False)
    assert (mine.name, mine.title, mine.about.endswith("on this computer")) == ("provider:mine", "mine (large)", True)


def test_a_model_of_this_computer_is_measured_on_what_is_stored(desk: SearchModelsDesk) -> None:
    found = desk.cost("tiny")
    assert (found.model, found.texts > 100, found.per_second) == ("tiny", True, 12.0)
    assert found.minutes == pytest.approx(found.texts / 12 / 60)
    assert found.memory > 0 < found.disk
    assert found.disk_free is not None
    assert f"{found.texts:,} texts are indexed with tiny, in the background." in found.lines
    assert found.lines[-1].startswith("Searches are answered with the old index until it is done")


def test_a_trial_of_a_provider_sends_fixed_sentences_without_consent_and_nothing_of_the_users(
    world: SearchWorld, desk: SearchModelsDesk
) -> None:
    server = world.offer(agreed=False, price_in=0.5, price_out=None, tokens_a_day=1_000)
    found = desk.cost("provider:mine")
    assert set(server.texts) == set(TRIAL)
    assert (found.per_second, found.provider) == (len(TRIAL) / 2, world.desk.find("mine").host)
    assert found.price == pytest.approx(found.tokens * 0.5 / 1_000_000)
    assert found.days == -(-found.tokens // 1_000) > 1
    assert f"Its limit a day makes that {found.days} days" in found.sentence
    assert world.desk.uses() == (), "a trial is not counted, as no test is"
    words = sum(map(len, desk._texts())) * 2.5
    assert found.disk * 1e6 == pytest.approx(found.texts * WIDTH * 4 * 2.5 + words)


def test_a_provider_that_does_not_answer_is_told_with_its_cost(world: SearchWorld, desk: SearchModelsDesk) -> None:
    world.offer(refused(401, "no"))
    found = desk.cost("provider:mine")
    assert (found.per_second, found.minutes) == (0.0, 0.0)
    assert "Time: not known, because a trial failed." in found.sentence
    assert "wants a key" in found.sentence


def test_a_trial_can_be_stopped(desk: SearchModelsDesk) -> None:
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(CancelledByUserError):
        desk.cost("tiny", stopped)


def test_a_provider_is_chosen_only_after_a_person_agreed(world: SearchWorld, desk: SearchModelsDesk) -> None:
    world.offer(agreed=False)
    assert "is sent the whole text of everything that search indexes" in desk.consent_line("provider:mine")
    with pytest.raises(RefusedError, match="providers consent mine search"):
        desk.setting("provider:mine")
    desk.agree("provider:mine")
    assert desk.consent_line("provider:mine") == ""
    assert desk.setting("provider:mine") == setting_of(world.desk.find("mine"))
    desk.withdraw("provider:mine")
    assert [one.purpose for one in world.store.provider_consents()] == []


def test_what_is_no_search_model_is_refused_with_what_to_do(world: SearchWorld, desk: SearchModelsDesk) -> None:
    world.desk.add(Provider(name="claude", kind=ProviderKind.ANTHROPIC, address="https://api.anthropic.com", model="x"))
    with pytest.raises(WrongUseError, match="offers no vectors"):
        desk.setting("provider:claude")
    with pytest.raises(WrongUseError, match="no provider 'nobody'"):
        desk.setting("provider:nobody")
    with pytest.raises(RefusedError, match="there: tiny"):
        desk.cost("bge-large")
    assert desk.setting("all-minilm-l6-v2") == "all-minilm-l6-v2"


def test_before_the_program_says_anything_the_state_is_that_of_the_disk(
    world: SearchWorld, desk: SearchModelsDesk, folder: DataFolder
) -> None:
    choose(world, "tiny")
    assert desk.state() == SearchState(model="tiny")
    place = folder.search_models / "tiny-1"
    place.mkdir(parents=True)
    (place / MODEL).write_text("tiny", encoding="utf-8")
    (place / READY).touch()
    assert desk.state() == SearchState(model="tiny", ready=True, answers="tiny")
    choose(world, "gone")
    assert "gone is not in" in desk.state().problem
    assert desk.old_setting() == "tiny"


def test_what_the_program_said_last_is_how_it_stands_until_another_one_is_chosen(
    world: SearchWorld, desk: SearchModelsDesk
) -> None:
    choose(world, "tiny")
    moved = SearchState(model="tiny", done=3, total=9)
    desk.moved(moved)
    assert desk.overview().state == moved
    assert [one.answers for one in desk.overview().models] == [True, False]
    assert desk.old_setting() == "all-minilm-l6-v2"
    choose(world, "all-minilm-l6-v2")
    assert desk.overview().state == SearchState()


def test_only_a_model_that_is_not_in_use_is_removed(world: SearchWorld, desk: SearchModelsDesk, models: Path) -> None:
    choose(world, "tiny")
    with pytest.raises(RefusedError, match="is in use"):
        desk.remove("tiny")
    with pytest.raises(RefusedError, match="stays"):
        desk.remove("all-minilm-l6-v2")
    choose(world, "all-minilm-l6-v2")
    (models / "linked").symlink_to(models / "tiny")
    assert "It was a link" in desk.remove("linked")
    assert "was removed, which freed" in desk.remove("tiny")
    assert not (models / "tiny").exists()


def test_testing_a_provider_that_words_nothing_tells_that_it_finds_texts(world: SearchWorld) -> None:
    world.offer()
    report = world.desk.try_out(world.desk.find("mine"), "", threading.Event())
    assert (report.ok, "vectors of 8 numbers" in report.sentence) == (True, True)
    worded = EmbeddingServer(chat("ready"))
    world.servers.append(worded)
    words = Provider(name="words", kind=ProviderKind.OPENAI, address=worded.url, model="large")
    assert "It said: “ready”" in world.desk.try_out(words, "", threading.Event()).sentence


def test_a_cost_says_when_the_disk_has_no_room() -> None:
    found = SearchCost(model="large", texts=10, per_second=5.0, disk=900.0, disk_free=1_000.0, memory=1_300.0)
    assert not found.fits
    assert "Disk: about 900 MB (1.0 GB are free). That is too little room." in found.lines
    assert "Memory: about 1.3 GB while it works, and 1 MB for the index." in found.lines
    assert "Nothing is collected yet" in SearchCost(model="large", texts=0).sentence


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (9000, "2.5 h")])
def test_a_length_is_said_as_people_do(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_on_the_command_line_a_provider_is_agreed_to_measured_and_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], world: SearchWorld
) -> None:
    server = EmbeddingServer()
    world.servers.append(server)
    data = ["--data-dir", str(tmp_path / "other")]
    assert cli.main(["providers", "add", "mine", "--address", server.url, "--model", "large", *data]) == 0
    assert cli.main(["search-model", "use", "provider:mine", *data]) == RefusedError.exit_code
    assert "providers consent mine search" in capsys.readouterr().err
    assert cli.main(["providers", "consent", "mine", "search", "--yes", *data]) == 0
    assert "search-model use provider:mine" in capsys.readouterr().out
    assert cli.main(["search-model", "use", "provider:mine", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["provider"] in server.url
    assert cli.main(["search-model", "status", "--json", *data]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ready"], told["model"].partition("#")[0]) == (False, "provider:mine")
    assert "The old index (the usual search model) answers until it is done." in told["sentence"]
    with pytest.raises(SystemExit):
        cli.main(["providers", "use", "search", "mine", *data])


def test_each_consent_is_for_one_purpose(world: SearchWorld) -> None:
    world.offer(agreed=False)
    world.desk.agree("mine", Purpose.SEARCH)
    assert [one.purpose for one in world.store.provider_consents()] == [Purpose.SEARCH]
