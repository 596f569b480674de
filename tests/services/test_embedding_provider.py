"""A provider as search model: only what was agreed to is sent, nothing wrong is kept, and what was embedded stays."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose
from galaxy_desktop.domain.search_models import setting_of
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.provider_trouble import ProviderError
from galaxy_desktop.retrieve.texts import Group, Text
from galaxy_desktop.services import indexing
from galaxy_desktop.services.embedding_provider import ProviderEmbedder
from galaxy_desktop.services.indexing import Library
from galaxy_desktop.services.second_index import SecondIndex
from galaxy_desktop.store.database import Store
from tests.services.embedding_server import (
    WIDTH,
    Answer,
    EmbeddingServer,
    answer,
    at_most,
    backwards,
    numbers,
    right,
    unit,
)
from tests.services.provider_server import JSON, Turn, refused
from tests.services.test_engines import KEY, World

NEVER = threading.Event()
TEXTS = ["login fails", "parser is slow", "colors are odd"]


class SearchWorld(World):
    """A profile whose providers offer vectors."""

    def offer(self, *plan: Answer, agreed: bool = True, key: str = "", **more: Any) -> EmbeddingServer:
        """A provider named "mine" that answers by this plan."""
        server = EmbeddingServer(*plan)
        self.servers.append(server)
        self.desk.add(Provider(name="mine", kind=ProviderKind.OPENAI, address=server.url, model="large", **more), key)
        if agreed:
            self.desk.agree("mine", Purpose.SEARCH)
        return server

    @property
    def setting(self) -> str:
        """The provider as the setting holds it."""
        return setting_of(self.desk.find("mine"))

    def embedder(self) -> ProviderEmbedder:
        """The provider with the face of an embedder."""
        return ProviderEmbedder(self.setting, self.engines)


@pytest.fixture
def world(folder: DataFolder, now: datetime) -> Iterator[SearchWorld]:
    with Store.open(folder) as store:
        made = SearchWorld(store, now)
        yield made
        made.close()


def sentence(world: SearchWorld) -> str:
    with pytest.raises(ModelError) as failed:
        world.embedder().encode(TEXTS)
    return str(failed.value)


# --- what is sent, and what comes back


def test_texts_and_the_models_name_are_sent_and_nothing_else(world: SearchWorld) -> None:
    server = world.offer(key=KEY)
    world.embedder().encode(TEXTS)
    (path, headers, body) = server.asked[0]
    assert (path, body) == ("/v1/embeddings", {"model": "large", "input": TEXTS})
    assert headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("plan", [right, backwards])
def test_vectors_come_in_the_order_of_the_texts_and_of_length_one(world: SearchWorld, plan: Answer) -> None:
    world.offer(plan)
    embedder = world.embedder()
    for found, text in zip(embedder.encode(TEXTS), TEXTS, strict=True):
        assert found == pytest.approx(unit(numbers(text)))
    assert embedder.width == WIDTH


def test_a_server_without_pooling_is_taken_at_the_mean_of_its_tokens_one_text_at_a_time(world: SearchWorld) -> None:
    server = world.offer(lambda texts: answer([[[3.0, 0.0], [3.0, 8.0]] for _ in texts]))
    embedder = world.embedder()
    assert embedder.encode(["x", "y"]) == [pytest.approx([0.6, 0.8])] * 2
    assert [len(body["input"]) for body in server.bodies] == [2, 1, 1]
    embedder.encode(["x", "y"])
    assert len(server.bodies) == 5
    world.offer(answer([[[1.0], [1.0, 2.0]]]))
    with pytest.raises(ProviderError, match="something else than a vector"):
        world.embedder().encode(["x"])


def test_a_vector_of_huge_numbers_has_length_one_too(world: SearchWorld) -> None:
    world.offer(answer([[3e300, 4e300]]))
    assert world.embedder().encode(["x"]) == [pytest.approx([0.6, 0.8])]


def test_nothing_is_sent_before_a_person_agreed_and_none_after_they_withdrew(world: SearchWorld) -> None:
    server = world.offer(agreed=False)
    assert "you have not agreed to what is sent to it" in sentence(world)
    world.desk.agree("mine", Purpose.PROSE)
    assert "finding texts by their meaning" in sentence(world)
    world.desk.agree("mine", Purpose.SEARCH)
    world.embedder().encode(TEXTS)
    world.desk.withdraw("mine", Purpose.SEARCH)
    sentence(world)
    assert len(server.asked) == 1


def test_a_blank_text_is_sent_as_something_that_servers_take(world: SearchWorld) -> None:
    server = world.offer()
    world.embedder().encode(["  "])
    assert server.texts == ["."]


# --- the meter and the ledger


def test_it_is_counted_by_day_under_its_own_purpose_and_in_the_ledger(world: SearchWorld) -> None:
    world.offer(price_in=2.0)
    world.embedder().encode(TEXTS)
    (use,) = world.desk.uses()
    assert (use.purpose, use.requests, use.tokens_in, use.tokens_out, use.estimated) == (Purpose.SEARCH, 1, 30, 0, 0)
    assert use.cost == pytest.approx(30 * 2.0 / 1_000_000), "vectors have no tokens that come back, so no price of them"
    assert [row.purpose for row in world.door.hosts()] == ["language model: search"]


def test_tokens_that_are_not_told_are_estimated(world: SearchWorld) -> None:
    world.offer(answer([numbers(text) for text in TEXTS]))
    world.embedder().encode(TEXTS)
    (use,) = world.desk.uses()
    assert use.estimated == 1
    assert use.tokens_in >= sum(map(len, TEXTS)) / 4


def test_the_limit_of_the_day_holds_before_anything_is_sent(world: SearchWorld) -> None:
    server = world.offer(tokens_a_day=35)
    world.embedder().encode(TEXTS)
    assert "of the 35 tokens that it may use a day" in sentence(world)
    assert len(server.asked) == 1
    world.time += timedelta(days=1)
    assert len(world.embedder().encode(TEXTS)) == len(TEXTS)


# --- what goes wrong

ROWS = [numbers(text) for text in TEXTS]
NAN = json.dumps({"data": [{"index": n, "embedding": row} for n, row in enumerate(ROWS)]}).replace("3.1", "NaN", 1)
WRONG: list[tuple[Answer, str]] = [
    (answer(ROWS[:2]), "sent 2 vectors for 3 texts"),
    (answer([*ROWS, ROWS[0]]), "sent 4 vectors for 3 texts"),
    (answer([*ROWS[:2], ROWS[0][:5]]), "sends vectors of 5 numbers now; those before had 8"),
    (Turn(200, JSON, (NAN.encode(),)), "something in it that is no number"),
    (answer([*ROWS[:2], [None] * WIDTH]), "something in it that is no number"),
    (answer([*ROWS[:2], [True] * WIDTH]), "something in it that is no number"),
    (answer([*ROWS[:2], "AAAA"]), "something else than a vector"),
    (answer([*ROWS[:2], []]), "something else than a vector"),
    (answer([*ROWS[:2], [0.0] * WIDTH]), "a vector of zeros"),
    (Turn(200, JSON, (json.dumps({"data": [{"index": 0, "embedding": ROWS[0]}] * 3}).encode(),)), "numbered its vectors"),
    (Turn(200, JSON, (b'{"data": 7}',)), "no list of vectors"),
    (Turn(200, JSON, (b"[1]",)), "cannot be read"),
    (Turn(200, JSON, (b"nonsense",)), "cannot be read"),
    (Turn(200, {"Content-Type": "text/html"}, (b"<html>Hello</html>",)), "web page"),
    (refused(401, "who are you"), "wants a key"),
    (refused(404, "no such thing"), "offers no vectors of large"),
    (refused(429, "slow down", Retry_After="120"), "left alone for 2 min"),
    (refused(501, "This server does not support embeddings"), "offers no vectors. It says"),
    (refused(503, "overloaded", Retry_After="9"), "fault of its own (status 503)"),
    (refused(400, "encoding unknown"), "refused the request (status 400)"),
    (Turn(200, JSON, (b'{"da',), drops=True), "broke off"),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "said"), WRONG, ids=[said for _, said in WRONG])
def test_whatever_is_wrong_is_named_and_nothing_of_it_is_kept(world: SearchWorld, plan: Answer, said: str) -> None:
    world.offer(plan)
    told = sentence(world)
    assert said in told
    assert "mine (127.0.0.1" in told or "127.0.0.1" in told
    assert world.embedder().width == 0


def test_a_provider_that_failed_is_left_alone_for_a_while(world: SearchWorld) -> None:
    server = world.offer(refused(429, "slow down", Retry_After="120"), right)
    sentence(world)
    assert "left alone until" in sentence(world)
    assert len(server.bodies) == 1
    world.time += timedelta(seconds=121)
    assert len(world.embedder().encode(TEXTS)) == len(TEXTS)


def test_a_fault_of_the_server_and_a_broken_connection_are_tried_again_at_once(world: SearchWorld) -> None:
    server = world.offer(refused(502, "bad gateway"), Turn(200, JSON, (b"{",), drops=True), right)
    assert len(world.embedder().encode(TEXTS)) == len(TEXTS)
    assert len(server.bodies) == 3


def test_a_question_is_not_tried_twice(world: SearchWorld) -> None:
    server = world.offer(refused(502, "bad gateway"), right)
    with pytest.raises(ProviderError, match="fault of its own"):
        world.embedder().ask(["login"])
    assert len(server.bodies) == 1


def test_batches_become_as_small_as_the_server_wants_them_and_stay_so(world: SearchWorld) -> None:
    server = world.offer(at_most(2))
    embedder = world.embedder()
    texts = [f"text number {n}" for n in range(9)]
    found = embedder.encode(texts)
    assert found == [pytest.approx(unit(numbers(text))) for text in texts]
    assert embedder.most <= 2
    begun = len(server.bodies)
    embedder.encode(texts[:4])
    assert [len(body["input"]) for body in server.bodies[begun:]] == [2, 2]


def test_a_text_that_is_too_long_is_cut_and_the_others_stay_whole(world: SearchWorld) -> None:
    server = world.offer(at_most(99, letters=300))
    texts = ["short one", "word " * 200]
    assert len(world.embedder().encode(texts)) == 2
    sent = [body["input"] for body in server.bodies]
    assert ["short one"] in sent
    assert len(sent[-1][0]) <= 300


def test_a_provider_with_another_model_is_not_asked_for_the_same_index(world: SearchWorld) -> None:
    server = world.offer()
    embedder = world.embedder()
    world.desk.add(replace(world.desk.find("mine"), model="other"))
    with pytest.raises(ModelError, match="another address or model than when it was chosen"):
        embedder.encode(TEXTS)
    assert not embedder.there
    assert server.bodies == []


# --- the index


def groups(count: int) -> list[Group]:
    at = datetime(2026, 5, 1).astimezone()
    titles = [*TEXTS, *(f"item number {n}" for n in range(count))][:count]
    texts = [
        Text(id=f"issue:o/r#{n}", item=f"issue:o/r#{n}", evidence_id=f"issue:o/r#{n}", kind="issue", repository="o/r",
             title=title, body="", url="u", said_at=at, changed_at=at, observed_at=at)
        for n, title in enumerate(titles, 1)
    ]  # fmt: skip
    return [Group(text.id, text.digest, partial(tuple, (text,))) for text in texts]


@pytest.fixture
def second(world: SearchWorld, tmp_path: Path) -> Iterator[SecondIndex]:
    made = SecondIndex(tmp_path / "search", tmp_path, lambda setting: ProviderEmbedder(setting, world.engines))
    yield made
    made.close()


def fill(second: SecondIndex, setting: str, count: int) -> None:
    second.choose(setting)
    while second.step(lambda: groups(count), NEVER):
        second.choose(setting)


def test_refused_in_the_middle_it_says_so_keeps_what_it_has_and_goes_on_with_the_rest(
    world: SearchWorld, second: SecondIndex
) -> None:
    server = world.offer(right, right, refused(429, "slow down", Retry_After="30"), right)
    fill(second, world.setting, 100)
    state = second.state
    assert "wants to be left alone for 30 s. What is indexed so far is kept" in state.sentence
    assert (state.ready, state.again_s, 0 < state.done < 100) == (False, 60.0, True)
    assert second.answering() is None
    world.time += timedelta(minutes=1)
    fill(second, world.setting, 100)
    assert second.state.sentence == "mine (large) answers."
    taken = len(server.plan[0](["x"]).pieces) if callable(server.plan[0]) else 0
    assert taken
    assert len(set(server.texts)) == 100
    answered = [body["input"] for n, body in enumerate(server.bodies) if n != 2]
    assert sum(map(len, answered)) == 100, "no text was paid for twice"


def test_what_was_embedded_is_not_sent_again_after_the_program_was_started_anew(
    world: SearchWorld, second: SecondIndex, tmp_path: Path
) -> None:
    server = world.offer(right, refused(503, "down", Retry_After="600"), right)
    fill(second, world.setting, 60)
    sent = len(server.bodies[0]["input"])
    second.close()
    world.time += timedelta(hours=1)
    again = SecondIndex(tmp_path / "search", tmp_path, lambda setting: ProviderEmbedder(setting, world.engines))
    fill(again, world.setting, 60)
    assert again.answering() is not None
    assert sum(len(body["input"]) for body in server.bodies[2:]) == 60 - sent
    again.close()


def test_vectors_of_another_width_never_meet_the_old_ones_and_it_is_not_tried_for_ever(
    world: SearchWorld, second: SecondIndex
) -> None:
    wide = lambda texts: answer([numbers(text, WIDTH + 1) for text in texts])  # noqa: E731
    server = world.offer(right, wide)
    fill(second, world.setting, 100)
    assert "sends vectors of 9 numbers now; those before had 8" in second.state.sentence
    assert second.state.again_s == 0
    asked = len(server.bodies)
    world.time += timedelta(days=1)
    assert not second.step(lambda: groups(100), NEVER)
    assert len(server.bodies) == asked


class Words:
    """The usual model, in the test: a vector of how often two words occur."""

    name = "usual"

    def encode(self, texts: list[str]) -> list[list[float]]:
        return [unit([1.0 + text.count("login"), 1.0 + text.count("parser")]) for text in texts]

    def rest(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing runs."""


def test_a_search_that_the_provider_cannot_answer_is_answered_by_the_old_index_with_a_sentence(
    world: SearchWorld, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "groups_of", lambda *_: groups(20))
    server = world.offer(right)
    library = Library(folder, Words(), lambda setting: ProviderEmbedder(setting, world.engines))
    texts = lambda: (Snapshot(), (), ())  # noqa: E731
    while library.step(texts):
        assert library.search("login fails", 1) is not None, "a question comes between two steps"
    while library.step_second(world.setting, texts, NEVER):
        assert library.fallen_back == ""
    assert [one.id for one in library.search("login fails", 1)] == ["issue:o/r#1"]
    assert (server.texts[-1], library.fallen_back) == ("login fails", "")
    server.close()
    world.servers.remove(server)
    assert [one.id for one in library.search("parser slow", 1)] == ["issue:o/r#2"]
    assert library.fallen_back.startswith("Nothing answers at 127.0.0.1")
    assert library.fallen_back.endswith("This search was answered by words and with the usual search model.")
    library.close()
