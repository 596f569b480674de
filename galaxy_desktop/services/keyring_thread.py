"""The OS keyring, asked on a thread that nobody has to wait for.

A keyring may answer a question by opening a prompt ("choose a password for the new keyring"), and then the call lasts
until a person has typed something: minutes, or never. Python waits for its threads when a program ends, and so does
the event loop, so a call that was made on one of them would keep a closed program alive. Here each call has a daemon
thread of its own, and whoever asked looks at a stop flag meanwhile and leaves when it is set.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from typing import Protocol, TypeVar

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError

LOOK_S = 0.1
"""How often whoever waits for the keyring looks whether it should leave."""
NEVER = threading.Event()

Answer = TypeVar("Answer")


class Keyring(Protocol):
    """The face of the OS keyring that we use."""

    def get_password(self, service: str, username: str) -> str | None:
        """The stored secret, or `None`."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove a secret; an error when there is none."""


class KeyringThread:
    """A keyring whose calls can be left; every method raises `CancelledByUserError` when `stop` is set meanwhile.

    What the keyring itself raises is passed on. A call that was left goes on by itself: a secret that was to be stored
    is stored when the person answers the prompt while the program still runs.
    """

    def __init__(self, stop: StopFlag = NEVER, find: Callable[[], Keyring] | None = None) -> None:
        """`find` brings the keyring, on the thread as well: looking for one may take a moment."""
        self._stop = stop
        self._find = find or _os_keyring

    def get_password(self, service: str, username: str) -> str | None:
        """The stored secret, or `None`."""
        return self._ask(lambda keyring: keyring.get_password(service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a secret."""
        self._ask(lambda keyring: keyring.set_password(service, username, password))

    def delete_password(self, service: str, username: str) -> None:
        """Remove a secret; an error when there is none."""
        self._ask(lambda keyring: keyring.delete_password(service, username))

    def _ask(self, call: Callable[[Keyring], Answer]) -> Answer:
        answer: Future[Answer] = Future()
        if self._stop.is_set():
            raise CancelledByUserError

        def run() -> None:
            try:
                answer.set_result(call(self._find()))
            except BaseException as error:  # noqa: BLE001 - whoever asked gets it, whatever it is
                answer.set_exception(error)

        threading.Thread(target=run, name="galaxy-keyring", daemon=True).start()
        while True:
            try:
                return answer.result(timeout=LOOK_S)
            except NotYetError:
                if answer.done():
                    raise
            if self._stop.is_set():
                raise CancelledByUserError


def _os_keyring() -> Keyring:
    import keyring  # noqa: PLC0415 - looks for backends, which takes a moment

    return keyring
