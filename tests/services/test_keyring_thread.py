"""A keyring may open a prompt that nobody answers: the program ends all the same, and a demo opens none."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime

import pytest

from galaxy_desktop.domain.providers import Provider, ProviderKind
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.credentials import Credentials
from galaxy_desktop.services.keyring_thread import Keyring, KeyringThread
from galaxy_desktop.services.provider_keys import ProviderKeys
from galaxy_desktop.services.workspace import Workspace
from tests.services.test_credentials import FakeKeyring

PROGRAM = """
import asyncio, threading, time
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.services.keyring_thread import KeyringThread

asked, stop = threading.Event(), threading.Event()

class Prompting:
    def get_password(self, service, username):
        asked.set()
        time.sleep(600)

async def main():
    reading = asyncio.create_task(asyncio.to_thread(KeyringThread(stop, Prompting).get_password, "s", "u"))
    await asyncio.to_thread(asked.wait)
    stop.set()
    try:
        await reading
    except CancelledByUserError:
        print("left")

asyncio.run(main())
"""


class Prompting(FakeKeyring):
    """A keyring with an open prompt: a call lasts until the test answers it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answered = threading.Event(), threading.Event()

    def _wait(self) -> None:
        self.asked.set()
        assert self.answered.wait(30)

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        super().set_password(service, username, password)


@pytest.fixture
def prompting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Prompting]:
    monkeypatch.delenv("GALAXY_GITHUB_TOKEN", raising=False)
    made = Prompting()
    monkeypatch.setattr("galaxy_desktop.services.keyring_thread._os_keyring", lambda: made)
    yield made
    made.answered.set()


def _left_when_stopped(prompting: Prompting, stop: threading.Event, call: object) -> None:
    """The call waits for the prompt, and is left as soon as somebody asks for the end."""
    ends: list[BaseException] = []

    def ask() -> None:
        try:
            call()  # type: ignore[operator]
        except CancelledByUserError as error:
            ends.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert prompting.asked.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert len(ends) == 1


def test_what_the_keyring_says_and_raises_is_passed_on() -> None:
    class Locked(FakeKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise RuntimeError("locked")

    kept: Keyring = FakeKeyring()
    asked = KeyringThread(find=lambda: kept)
    asked.set_password("s", "u", "secret")
    assert asked.get_password("s", "u") == "secret"
    asked.delete_password("s", "u")
    assert asked.get_password("s", "u") is None
    with pytest.raises(RuntimeError, match="locked"):
        KeyringThread(find=Locked).get_password("s", "u")


@pytest.mark.parametrize("what", ["token", "save", "forget"])
def test_nobody_waits_for_a_prompt_at_the_end(prompting: Prompting, what: str) -> None:
    stop = threading.Event()
    credentials = Credentials("https://api.github.com", stop=stop)
    _left_when_stopped(
        prompting, stop, (lambda: credentials.save("x")) if what == "save" else getattr(credentials, what)
    )
    with pytest.raises(CancelledByUserError):
        credentials.token()


def test_keys_of_providers_are_not_waited_for_either(prompting: Prompting) -> None:
    keys = ProviderKeys()
    provider = Provider(name="box", kind=ProviderKind.OPENAI, address="http://127.0.0.1:1/v1", model="m", has_key=True)
    _left_when_stopped(prompting, keys._closed, lambda: keys.key(provider))


def test_a_process_with_an_open_prompt_ends() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "left\n"


async def test_a_demo_opens_no_keyring_and_says_that_nobody_looked(
    folder: DataFolder, prompting: Prompting, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping")
    assert demo.has_token() is None
    assert not prompting.asked.is_set()
    monkeypatch.setenv("GALAXY_GITHUB_TOKEN", "given")
    assert demo.has_token() is True


async def test_what_syncing_found_is_not_asked_of_the_keyring_again(
    folder: DataFolder, prompting: Prompting, now: datetime
) -> None:
    workspace = Workspace(folder, now=lambda: now)
    prompting.answered.set()
    await workspace.open()
    await workspace._get_syncer()
    prompting.asked.clear()
    assert workspace.has_token() is False
    assert not prompting.asked.is_set()
    await workspace.connect_anew()
    assert workspace.has_token() is False
    assert prompting.asked.is_set()
    await workspace.stop()
