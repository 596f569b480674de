"""Who is asked for what: only whom a person agreed to, within the day's limit, in order, each failure with a sentence."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose
from galaxy_desktop.errors import CancelledByUserError, ModelError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.engine import Engine, Generation, Prompt
from galaxy_desktop.reason.fallback import NOBODY, FallbackEngine
from galaxy_desktop.services.egress import Egress
from galaxy_desktop.services.engines import NOT_ENOUGH, SETTING, Engines
from galaxy_desktop.services.provider_http import SILENT_S
from galaxy_desktop.services.provider_keys import KeyringError, ProviderKeys
from galaxy_desktop.services.providers import NOTHING_ASKED, Providers, with_usual_limit
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store
from tests.services.provider_server import ProviderServer, Turn, chat, refused

PROMPT = Prompt("You word facts.", "Facts:\nE1: it waits")
KEY = "sk-secret-0123456789"
PROSE, QUESTIONS = Purpose.PROSE, Purpose.QUESTIONS


class Own:
    """The model of this computer."""

    name = "small"

    def generate(self, prompt: Prompt, **_: Any) -> Generation:
        return Generation("own words", 10, 2, 0.1)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        """Nothing runs."""


class Keyring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class World:
    """A profile with providers on loopback."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.store, self.time = store, now
        self.keyring = Keyring()
        self.door = Egress(lambda: self.time, ledger=store)
        self.engines = Engines(store, self.settings, self.door, lambda: self.time, keys=ProviderKeys(self.keyring))
        self.desk = Providers(store, self.settings, self.engines, self.door, lambda: self.time)
        self.servers: list[ProviderServer] = []

    def settings(self) -> Settings:
        return Settings.from_text(self.store.settings())

    def add(self, name: str, *turns: Turn, agreed: bool = True, key: str = "", **more: Any) -> ProviderServer:
        server = ProviderServer(*turns)
        self.servers.append(server)
        self.desk.add(Provider(name=name, kind=ProviderKind.OPENAI, address=server.url, model="large", **more), key)
        for purpose in Purpose if agreed else ():
            self.desk.agree(name, purpose)
        return server

    def use(self, order: str, purpose: Purpose = PROSE) -> None:
        self.store.set_setting(SETTING[purpose], order, "user", self.time).result()

    def engine(self, purpose: Purpose = PROSE, own: Engine | None = None, **more: Any) -> FallbackEngine:
        found, _ = self.engines.engine_for(purpose, (own or Own(), ""), **more)
        assert isinstance(found, FallbackEngine)
        return found

    def close(self) -> None:
        self.engines.close()
        self.door.close()
        for server in self.servers:
            server.close()


@pytest.fixture
def world(folder: DataFolder, now: datetime) -> Iterator[World]:
    with Store.open(folder) as store:
        made = World(store, now)
        yield made
        made.close()


def test_nobody_but_this_computer_is_asked_as_long_as_nothing_was_chosen(world: World) -> None:
    server = world.add("mine", chat("a"))
    own = Own()
    assert world.engines.engine_for(PROSE, (own, "")) == (own, "")
    assert world.engines.engine_for(QUESTIONS, (None, "No weights.")) == (None, "No weights.")
    assert server.asked == []


def test_the_provider_that_was_chosen_writes_for_that_purpose_alone(world: World) -> None:
    world.add("mine", chat("their words"))
    world.use("mine, local")
    engine = world.engine()
    assert engine.name == "mine"
    assert engine.generate(PROMPT).text == "their words"
    assert (engine.name, engine.said) == ("mine/large", ())
    assert not isinstance(world.engines.engine_for(QUESTIONS, (Own(), ""))[0], FallbackEngine)


def test_without_a_persons_word_nothing_is_sent(world: World) -> None:
    server = world.add("mine", chat("a"), agreed=False)
    world.use("mine, local")
    engine = world.engine()
    assert engine.generate(PROMPT).text == "own words"
    assert server.asked == []
    assert engine.said == (
        "mine is not asked for explanations of sprints: you have not agreed to what is sent to it. "
        "The model of this computer is asked instead.",
    )


@pytest.mark.parametrize("how", ["withdraw", "remove", "other purpose", "other address"])
def test_a_word_taken_back_holds_for_the_very_next_text(world: World, how: str) -> None:
    server = world.add("mine", chat("a"))
    world.use("mine, local")
    engine = world.engine()
    assert engine.generate(PROMPT).text == "a"
    asked = len(server.asked)
    if how == "other address":
        world.desk.add(replace(world.desk.find("mine"), address=server.url.replace("127.0.0.1", "localhost")))
    elif how == "remove":
        world.desk.remove("mine")
    else:
        world.desk.withdraw("mine", PROSE)
    assert engine.generate(PROMPT).text == "own words"
    assert len(server.asked) == asked
    if how == "other purpose":
        assert world.desk.overview().providers[0].agreed(QUESTIONS) is not None


def test_a_word_that_is_taken_back_ends_what_runs(world: World) -> None:
    server = world.add("mine", Turn(silent=True))
    world.use("mine")
    person = threading.Thread(target=lambda: (server.waiting.wait(5), world.desk.withdraw("mine", PROSE)))
    person.start()
    with pytest.raises(CancelledByUserError):
        world.engine().generate(PROMPT)
    person.join()
    assert server.gone.wait(1)


def test_the_next_is_asked_when_one_cannot_and_the_failed_one_is_left_alone_for_a_while(world: World) -> None:
    broken = world.add("first", refused(500, "oops"))
    world.add("second", chat("second's words"))
    world.use("first, second, local")
    for _ in range(2):
        engine = world.engine()
        assert engine.generate(PROMPT).text == "second's words"
    assert len(broken.bodies) == 1
    assert "first is left alone until 12:01. first (127.0.0.1:" in engine.said[0]
    assert engine.said[0].endswith("second is asked instead.")
    world.time += timedelta(seconds=61)
    world.engine().generate(PROMPT)
    assert len(broken.bodies) == 2


def test_when_nobody_can_answer_the_error_has_all_sentences(world: World) -> None:
    world.add("first", refused(401))
    world.use("first, local")
    engine, _ = world.engines.engine_for(PROSE, (None, "The weights are not here."))
    assert engine is not None
    with pytest.raises(ModelError) as failed:
        engine.generate(PROMPT)
    assert "wants a key" in str(failed.value)
    assert str(failed.value).endswith(f"The weights are not here. {NOBODY}")


def test_while_this_computers_model_makes_way_it_is_passed_over(world: World) -> None:
    world.add("first", refused(500))
    world.use("first, local")
    with pytest.raises(ModelError, match="On battery"):
        world.engine(waits="On battery.").generate(PROMPT)


@pytest.mark.parametrize(
    ("address", "seconds"),
    [("http://localhost:11434", 150.0), ("http://192.168.1.5:11434", 150.0), ("https://api.example.com", 90.0)],
)
def test_a_server_of_ones_own_may_take_longer_to_read(world: World, address: str, seconds: float) -> None:
    provider = Provider(name="mine", kind=ProviderKind.OPENAI, address=address, model="large")
    patience = world.engines.connected(provider, "", PROSE)._patience
    assert patience.first == seconds < patience.whole < SILENT_S


def test_a_stop_asks_nobody_else(world: World) -> None:
    server = world.add("mine", Turn(silent=True))
    world.use("mine, local")
    stop = threading.Event()
    person = threading.Thread(target=lambda: (server.waiting.wait(5), stop.set()))
    person.start()
    with pytest.raises(CancelledByUserError):
        world.engine().generate(PROMPT, stop=stop)
    person.join()


# --- the meter


def test_every_text_is_counted_with_what_it_cost(world: World) -> None:
    world.add("mine", chat("a"), price_in=1.0, price_out=10.0)
    for purpose in (PROSE, PROSE, QUESTIONS):
        world.use("mine", purpose)
        world.engine(purpose).generate(PROMPT)
    counted = [(one.purpose, one.requests, one.tokens_in, one.tokens_out) for one in world.desk.uses()]
    assert counted == [(PROSE, 2, 84, 14), (QUESTIONS, 1, 42, 7)]
    assert world.desk.uses()[0].cost == pytest.approx((84 * 1 + 14 * 10) / 1e6)
    assert world.desk.overview().providers[0].today is not None


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"tokens_a_day": 300}, "mine has used 49 of the 300 tokens that it may use a day"),
        (
            {"money_a_day": 0.3, "price_in": 1000.0, "price_out": 1000.0},
            "mine has cost 0.05 of the 0.30 that it may cost a day",
        ),
    ],
)  # fmt: skip
def test_the_days_limit_is_kept_and_the_next_day_begins_anew(world: World, limit: dict[str, Any], said: str) -> None:
    server = world.add("mine", chat("a"), **limit)
    world.use("mine, local")
    engine = world.engine()
    assert [engine.generate(PROMPT).text for _ in range(2)] == ["a", "own words"]
    assert engine.said == (f"{said}{NOT_ENOUGH} The model of this computer is asked instead.",)
    assert len(server.bodies) == 1
    world.time += timedelta(days=1)
    assert world.engine().generate(PROMPT).text == "a"


def test_a_limit_of_money_that_cannot_be_reckoned_lets_nothing_through(world: World) -> None:
    server = world.add("mine", chat("a"), money_a_day=1.0, price_in=1.0)
    world.use("mine, local")
    engine = world.engine()
    assert engine.generate(PROMPT).text == "own words"
    assert "mine may cost 1.00 a day, but its prices are not known, so it is not asked." in engine.said[0]
    assert server.bodies == []


def test_texts_at_the_same_time_do_not_pass_the_limit_together(world: World) -> None:
    server = world.add("mine", Turn(silent=True), chat("a"), tokens_a_day=500)
    world.use("mine, local")
    stop, first = threading.Event(), world.engine()

    def ask() -> None:
        with pytest.raises(CancelledByUserError):
            first.generate(PROMPT, stop=stop)

    person = threading.Thread(target=ask)
    person.start()
    assert server.waiting.wait(5)
    assert world.engine().generate(PROMPT).text == "own words"
    stop.set()
    person.join()
    assert world.engine().generate(PROMPT).text == "a"


# --- keys


def test_the_key_is_in_the_keyring_and_nowhere_else(
    world: World, folder: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = world.add("mine", refused(401, f"wrong key {KEY}"), chat("a"), key=KEY)
    world.use("mine, local")
    engine = world.engine()
    engine.generate(PROMPT)
    report = world.desk.try_out(world.desk.find("mine"), "", threading.Event())
    assert server.asked[0][1]["authorization"] == f"Bearer {KEY}"
    assert world.keyring.kept == {("galaxy-desktop provider: mine", f"127.0.0.1:{server.port}"): KEY}
    told = json.dumps([*engine.said, report.sentence, repr(world.desk.overview()), repr(world.door.hosts())])
    assert KEY not in told + caplog.text
    assert [one.name for one in folder.root.rglob("*") if one.is_file() and KEY.encode() in one.read_bytes()] == []


def test_a_key_is_not_found_for_another_host(world: World) -> None:
    server = world.add("mine", chat("a"), key=KEY)
    world.desk.add(replace(world.desk.find("mine"), address=server.url.replace("127.0.0.1", "localhost")))
    assert world.keyring.kept == {}
    assert not world.desk.overview().providers[0].provider.has_key


def test_removing_a_provider_removes_its_key(world: World) -> None:
    world.add("mine", chat("a"), key=KEY)
    world.desk.remove("mine")
    assert (world.keyring.kept, world.desk.overview().providers) == ({}, ())


def test_without_a_keyring_a_key_is_refused_in_words_and_nothing_is_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keyring.backends.fail import Keyring as NoKeyring  # what the library takes where there is none

    world.add("mine", chat("a"))
    before = world.desk.overview()
    monkeypatch.setattr(world.keyring, "set_password", NoKeyring().set_password)
    with pytest.raises(KeyringError) as refused:
        world.desk.add(replace(before.providers[0].provider, model="other"), KEY)
    assert str(refused.value).startswith("This computer has no keyring, and a key is kept nowhere else.")
    assert world.desk.overview() == before


def test_a_keyring_that_is_locked_keeps_nothing_back(world: World) -> None:
    def locked(*_: str) -> None:
        raise RuntimeError("locked")

    world.keyring.set_password = locked  # type: ignore[method-assign]
    with pytest.raises(KeyringError):
        world.desk.add(Provider(name="x", kind=ProviderKind.OPENAI, address="https://a.example.com", model="m"), KEY)
    assert world.desk.overview().providers == ()


# --- what a person may enter


@pytest.mark.parametrize(
    ("address", "key", "said"),
    [
        ("http://api.example.com/v1", "", "Plain http to api.example.com could be read on its way. Use https."),
        ("http://8.8.8.8:80", "", "Plain http"),
        ("http://192.168.1.5:11434", KEY, "A key is not sent over plain http to 192.168.1.5:11434"),
        ("https://me:pw@api.example.com", "", "Leave name and password out of the address"),
        ("https://api.example.com/v1?key=abc", "", "Leave out what follows the path"),
        ("localhost:11434", "", "is no address"),
        ("ftp://localhost", "", "is no address"),
    ],
)
def test_an_address_to_which_nothing_may_be_sent_is_refused(world: World, address: str, key: str, said: str) -> None:
    with pytest.raises(WrongUseError) as refusal:
        world.desk.add(Provider(name="x", kind=ProviderKind.OPENAI, address=address, model="m"), key)
    assert said in str(refusal.value)
    assert KEY not in str(refusal.value)


@pytest.mark.parametrize("address", ["http://192.168.1.5:11434", "http://nas.local:1234", "http://[::1]:8080", "https://api.example.com"])  # fmt: skip
def test_plain_http_is_for_the_users_own_network(world: World, address: str) -> None:
    world.desk.add(Provider(name="x", kind=ProviderKind.OPENAI, address=address, model="m"))
    assert world.desk.find("x").address == address


@pytest.mark.parametrize("wrong", [{"name": "local"}, {"name": "My Server"}, {"model": " "}, {"price_in": -1.0}, {"money_a_day": 5.0}])  # fmt: skip
def test_what_makes_no_sense_is_refused(world: World, wrong: dict[str, Any]) -> None:
    fine = Provider(name="x", kind=ProviderKind.OPENAI, address="http://localhost:1", model="m")
    with pytest.raises(WrongUseError):
        world.desk.add(replace(fine, **wrong))


def test_only_providers_on_the_internet_begin_with_a_limit() -> None:
    fine = Provider(name="x", kind=ProviderKind.OPENAI, address="http://localhost:1", model="m")
    assert with_usual_limit(fine).tokens_a_day is None
    assert with_usual_limit(replace(fine, address="https://api.example.com")).tokens_a_day == 200_000


def test_an_order_names_only_whom_there_is(world: World) -> None:
    world.add("mine", chat("a"))
    assert world.desk.order(PROSE, " Mine,local ,mine") == "mine, local"
    with pytest.raises(WrongUseError):
        world.desk.order(PROSE, "nobody")


def test_before_anything_was_asked_there_is_nothing_to_show(world: World) -> None:
    assert world.desk.last_prompt(PROSE) == NOTHING_ASKED
