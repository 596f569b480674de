"""A provider on loopback, right and wrong in every way: text, counts, a stop that means it, and one sentence for each fault."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.domain.inference import StageKind, StopReason
from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose
from galaxy_desktop.domain.traffic import OpenGate
from galaxy_desktop.errors import CancelledByUserError, ModelError, NetworkOffError
from galaxy_desktop.reason.conversation import Patience
from galaxy_desktop.reason.engine import Prompt
from galaxy_desktop.reason.provider_trouble import ProviderError
from galaxy_desktop.reason.remote import RemoteEngine, Spent
from galaxy_desktop.services.provider_http import wire_to
from tests.services.provider_server import JSON, STREAM, ProviderServer, Turn, chat, messages, refused

PROMPT = Prompt("You word facts.", "Facts:\nE1: it waits «Add parser»")
SCHEMA = {"type": "object", "properties": {"a": {"enum": ["E1"]}}, "required": ["a"], "additionalProperties": False}
KEY = "sk-secret-0123456789"


class Door(OpenGate):
    """Notes what passes; may be closed."""

    def __init__(self) -> None:
        self.on = True
        self.passed: list[str] = []
        self.within: list[str] = []
        self.bytes = [0, 0]

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        if not self.on:
            raise NetworkOffError(f"The network is switched off, so {host} was not asked.")
        self.passed.append(f"{host}:{port} {purpose}")

    def pass_within(self, host: str, purpose: str) -> None:
        self.within.append(f"{host} {purpose}")

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        self.bytes[0] += received
        self.bytes[1] += sent


class Bench:
    """A server and an engine for it."""

    def __init__(self) -> None:
        self.door = Door()
        self.spent: list[Spent] = []
        self.patience = Patience()
        self.clock: Callable[[], float] = time.monotonic
        self._made: list[Any] = []

    def server(self, *turns: Turn, **more: Any) -> ProviderServer:
        self._made.append(ProviderServer(*turns, **more))
        return self._made[-1]

    def engine(self, url: str, kind: ProviderKind = ProviderKind.OPENAI, key: str = "") -> RemoteEngine:
        provider = Provider(name="mine", kind=kind, address=url, model="large")
        way = wire_to(provider, Purpose.PROSE, lambda: Route(gate=self.door), self.door)
        made = RemoteEngine(provider, key, way, spent=self.spent.append, patience=self.patience, clock=self.clock)
        self._made.append(made)
        return made

    def of(self, *turns: Turn, kind: ProviderKind = ProviderKind.OPENAI, key: str = "", **more: Any) -> RemoteEngine:
        self.last = self.server(*turns, **more)
        return self.engine(self.last.url, kind, key)

    def close(self) -> None:
        for one in reversed(self._made):
            one.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def sentence(engine: RemoteEngine, **more: Any) -> str:
    with pytest.raises(ProviderError) as failed:
        engine.generate(PROMPT, **more)
    return str(failed.value)


# --- what is sent, and what comes back


def test_a_streamed_answer_comes_with_its_counts(bench: Bench) -> None:
    heard: list[str] = []
    stages: list[StageKind] = []
    written = bench.of(chat("It ", "wäits")).generate(
        PROMPT, on_token=heard.append, on_stage=lambda stage: stages.append(stage.kind)
    )
    assert (written.text, heard, written.complete) == ("It wäits", ["It ", "wäits"], True)
    assert (written.tokens_in, written.tokens_out, written.stop_reason) == (42, 7, StopReason.ENDED)
    assert bench.spent == [Spent(tokens_in=42, tokens_out=7)]
    assert written.model.endswith("/large-1")
    assert stages == [StageKind.READING, StageKind.WRITING]


def test_exactly_the_prompt_is_sent_and_nothing_else(bench: Bench) -> None:
    bench.of(chat("a")).generate(PROMPT, schema=SCHEMA, max_tokens=9)
    (path, headers, body) = bench.last.asked[0]
    assert path == "/v1/chat/completions"
    assert body.pop("response_format")["json_schema"]["schema"] == SCHEMA
    assert body == {
        "model": "large",
        "messages": [{"role": "system", "content": PROMPT.system}, {"role": "user", "content": PROMPT.user}],
        "max_tokens": 9,
        "stream": True,
        "temperature": 0,
        "seed": 0,
        "stream_options": {"include_usage": True},
    }
    assert set(headers) == {"host", "user-agent", "accept-encoding", "accept", "connection", "content-type", "content-length"}  # fmt: skip


def test_anthropic_is_asked_in_its_own_words(bench: Bench) -> None:
    engine = bench.of(messages('{"a": ', '"E1"}', stop="tool_use", tool=True), kind=ProviderKind.ANTHROPIC, key=KEY)
    written = engine.generate(PROMPT, schema=SCHEMA, max_tokens=9)
    assert (written.text, written.tokens_in, written.tokens_out, written.complete) == ('{"a": "E1"}', 30, 9, True)
    (path, headers, body) = bench.last.asked[0]
    assert (path, headers["x-api-key"], headers["anthropic-version"]) == ("/v1/messages", KEY, "2023-06-01")
    assert "authorization" not in headers
    assert (body["system"], body["messages"]) == (PROMPT.system, [{"role": "user", "content": PROMPT.user}])
    assert (body["max_tokens"], body["tools"][0]["input_schema"]) == (9, SCHEMA)


def test_a_key_goes_into_one_header(bench: Bench) -> None:
    bench.of(chat("a"), key=KEY).generate(PROMPT)
    (_, headers, body) = bench.last.asked[0]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(body)


def test_a_limit_of_tokens_leaves_the_answer_incomplete(bench: Bench) -> None:
    written = bench.of(chat("It", finish="length")).generate(PROMPT)
    assert (written.complete, written.stop_reason) == (False, StopReason.LIMIT)


def test_what_is_not_told_is_estimated_and_marked(bench: Bench) -> None:
    written = bench.of(chat("four", usage=False)).generate(PROMPT)
    assert written.parameters["tokens_estimated"] is True
    assert (written.tokens_in, written.tokens_out) == (14, 2)
    assert bench.spent[0].estimated


def test_a_server_that_does_not_stream_is_understood(bench: Bench) -> None:
    row = {"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}
    assert bench.of(Turn(headers=JSON, pieces=(json.dumps(row).encode(),))).generate(PROMPT).text == "whole"
    blocks = {"content": [{"type": "text", "text": "whole"}], "stop_reason": "end_turn"}
    turn = Turn(headers=JSON, pieces=(json.dumps(blocks).encode(),))
    assert bench.of(turn, kind=ProviderKind.ANTHROPIC).generate(PROMPT).text == "whole"


def test_thoughts_and_fences_around_json_are_taken_off(bench: Bench) -> None:
    written = bench.of(chat("<think>Well.</think>\n", '```json\n{"a": "E1"}\n```')).generate(PROMPT, schema=SCHEMA)
    assert written.text == '{"a": "E1"}'


def test_a_schema_that_is_not_taken_is_asked_for_in_weaker_words_and_that_is_remembered(bench: Bench) -> None:
    no = refused(400, "response_format is not supported")
    engine = bench.of(no, no, no, chat("{}"))
    assert engine.generate(PROMPT, schema=SCHEMA).parameters["form"] == "none"
    forms = [body.get("response_format", {}).get("type") for body in bench.last.bodies]
    assert forms == ["json_schema", "json_object", "json_object", None]
    engine.generate(PROMPT, schema=SCHEMA)
    assert len(bench.last.bodies) == 5


def test_parts_that_a_model_does_not_know_are_left_out(bench: Bench) -> None:
    engine = bench.of(
        refused(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        refused(400, "Unsupported value: 'temperature' does not support 0."),
        chat("a"),
    )
    engine.generate(PROMPT)
    body = bench.last.bodies[-1]
    assert body["max_completion_tokens"] == 256
    assert not {"max_tokens", "temperature"} & set(body)


# --- what goes wrong

FAULTS = [
    (refused(401, f"Incorrect API key: {KEY}"), "does not accept the key. Enter it again in Settings. It says: “Incorrect API key: ….”"),
    (refused(404, "no such model"), "has no model large. It has: large, small."),
    (refused(429, "slow down", retry_after="120"), "is asked too often, and wants to be left alone for 2 min."),
    (refused(429, "slow down"), "is asked too often. It is asked again in a minute."),
    (refused(429, "insufficient_quota: check your billing"), "says that the account has no credit left."),
    (refused(503, "Loading model"), "is still loading its model. It is asked again later."),
    (refused(529, "overloaded"), "has a fault of its own (status 529). It is asked again later. It says: “overloaded.”"),
    (refused(400, "This model's maximum context length is 10 tokens"), "cannot read a text this long with large."),
    (Turn(200, {"Content-Type": "text/html"}, (b"<!doctype html><p>Sign in",)), "answers with a web page"),
    (Turn(404, {"Content-Type": "text/html"}, (b"<html>",)), "answers with a web page"),
    (Turn(302, {"Location": "https://login.example.com/x", "Content-Length": "0"}), "sends on to login.example.com, which was not followed."),
    (Turn(200, JSON, (b"{nonsense",)), "Its answer cannot be read."),
    (Turn(200, JSON, (b'["list"]',)), "Its answer cannot be read."),
    (Turn(pieces=(b"data: {nonsense\n\n",)), "A piece of its answer cannot be read."),
    (Turn(pieces=(b'data: {"error": {"message": "out of memory"}}\n\n',)), "out of memory"),
    (chat("It", done=False), "The connection broke off in the middle of its answer."),
    (Turn(pieces=chat("It").pieces[:1], drops=True), "broke off"),
    (chat("no", finish="content_filter"), "It refused to write about this."),
    (Turn(pieces=(b"data: " + b"x" * 1_200_000,)), "A line of the answer has no end."),
]  # fmt: skip


@pytest.mark.parametrize(("turn", "said"), FAULTS, ids=[said[:28] for _, said in FAULTS])
def test_each_fault_is_one_sentence_without_the_key(bench: Bench, turn: Turn, said: str) -> None:
    told = sentence(bench.of(turn, key=KEY))
    assert said in told
    assert told.startswith(f"mine (127.0.0.1:{bench.last.port})")
    assert KEY not in told


def test_a_wrong_address_is_told_from_a_wrong_model(bench: Bench) -> None:
    assert "has no language model at this address" in sentence(bench.of(refused(404, "nothing here"), models=()))


def test_nobody_there_asks_whether_ollama_is_running(bench: Bench) -> None:
    server = bench.server(chat("a"))
    server.close()
    assert "Is Ollama, or your server, running there?" in sentence(bench.engine(server.url))
    bench._made.remove(server)


def test_a_pause_that_is_asked_for_is_kept_beside_the_sentence(bench: Bench) -> None:
    with pytest.raises(ProviderError) as failed:
        bench.of(refused(429, "x", retry_after="7")).generate(PROMPT)
    assert failed.value.rest_s == 7.0
    assert isinstance(failed.value, ModelError)


def test_an_answer_without_end_is_cut(bench: Bench) -> None:
    piece = b'data: {"choices": [{"delta": {"content": "' + b"ha " * 400 + b'"}}]}\n\n'
    written = bench.of(Turn(endless=piece)).generate(PROMPT, max_tokens=10)
    assert (written.complete, written.stop_reason) == (False, StopReason.LIMIT)
    assert len(written.text) == 10 * 12 + 400
    assert bench.last.gone.wait(5)


def test_comments_without_end_are_cut_too(bench: Bench) -> None:
    assert "without end" in sentence(bench.of(Turn(endless=b": ping\n" * 20_000)))


# --- stopping, and being patient


def stopped(engine: RemoteEngine, server: ProviderServer, when: threading.Event | None = None) -> float:
    """How long a stop takes, in seconds."""
    stop, begun = threading.Event(), [0.0]

    def press() -> None:
        (when or server.waiting).wait(5)
        begun[0] = time.monotonic()
        stop.set()

    person = threading.Thread(target=press)
    person.start()
    with pytest.raises(CancelledByUserError):
        engine.generate(PROMPT, stop=stop)
    person.join()
    return time.monotonic() - begun[0]


@pytest.mark.parametrize("turn", [Turn(silent=True), Turn(pieces=chat("It").pieces[:1], stalls=True)])
def test_a_stop_closes_the_connection_within_a_second_at_any_stage(bench: Bench, turn: Turn) -> None:
    engine = bench.of(turn)
    assert stopped(engine, bench.last) < 1
    assert bench.last.gone.wait(1)


def test_what_was_sent_before_a_stop_counts(bench: Bench) -> None:
    stopped(bench.of(Turn(silent=True)), bench.last)
    assert bench.spent == [Spent(tokens_in=14, tokens_out=0, estimated=True)]


def test_closing_the_engine_ends_what_runs_and_refuses_what_comes(bench: Bench) -> None:
    engine = bench.of(Turn(silent=True))
    closer = threading.Thread(target=lambda: (bench.last.waiting.wait(5), engine.close()))
    closer.start()
    with pytest.raises(CancelledByUserError):
        engine.generate(PROMPT)
    closer.join()
    assert bench.last.gone.wait(1)
    with pytest.raises(ModelError):
        engine.generate(PROMPT)


@pytest.mark.parametrize("turn", [Turn(silent=True), Turn(pieces=chat("It").pieces[:1], stalls=True)])
def test_a_server_that_is_silent_for_too_long_is_left(bench: Bench, turn: Turn) -> None:
    server = bench.server(turn)
    bench.clock = lambda: 1000.0 if server.waiting.is_set() else 0.0
    assert "It took too long to answer." in sentence(bench.engine(server.url))
    assert server.gone.wait(1)


# --- the door


def test_this_computer_is_asked_also_while_the_network_is_off_and_stands_in_the_ledger(bench: Bench) -> None:
    bench.door.on = False
    bench.of(chat("a")).generate(PROMPT)
    assert (bench.door.passed, bench.door.within) == ([], ["127.0.0.1 language model: prose"])
    assert min(bench.door.bytes) > 100


def test_others_are_not_asked_while_the_network_is_off(bench: Bench) -> None:
    bench.door.on = False
    assert "The network is switched off" in sentence(bench.engine("https://api.example.com/v1"))


def test_trying_out_sends_nothing_of_the_users(bench: Bench) -> None:
    report = bench.of(chat("ready")).try_out()
    assert report.ok
    assert "It said: “ready”" in report.sentence
    assert report.models == ("large", "small")
    assert bench.last.bodies[0]["messages"][1]["content"] == "Answer with the word: ready"
    assert not bench.of(refused(401)).try_out().ok


def test_a_server_that_answers_right_after_a_bad_one_is_heard(bench: Bench) -> None:
    """The stream of one answer leaves nothing behind for the next."""
    engine = bench.of(Turn(headers=STREAM, pieces=chat("It").pieces[:1], drops=True), chat("fine"))
    sentence(engine)
    assert engine.generate(PROMPT).text == "fine"
