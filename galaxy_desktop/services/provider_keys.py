"""Keys of providers: in the OS keyring and nowhere else, each for one provider at one host.

A key belongs to the host that it was entered for: after the address changed it is not found any more, so that it is
never sent to another host.
"""

from __future__ import annotations

import logging
import threading

from galaxy_desktop.domain.providers import Provider
from galaxy_desktop.errors import CancelledByUserError, WrongUseError
from galaxy_desktop.services.credentials import KeyringError
from galaxy_desktop.services.keyring_thread import Keyring, KeyringThread

logger = logging.getLogger(__name__)

SERVICE = "galaxy-desktop provider"
NO_KEYRING = "NoKeyringError"
"""What the keyring library raises on a computer that has none: then no key is kept either."""
NOWHERE_TO_KEEP = (
    "This computer has no keyring, and a key is kept nowhere else. Install one (such as GNOME Keyring) and sign in anew, "
    "or leave the key empty: servers on this computer need none. Nothing was changed."
)
NOT_TAKEN = (
    "The key could not be saved in this computer's keyring: it is locked, or its question was closed. Unlock the keyring "
    "and try again. Keys are kept nowhere else, and nothing was changed."
)


class ProviderKeys:
    """The keys in the keyring; every call may ask the operating system, so not for the window's thread."""

    def __init__(self, keyring: Keyring | None = None) -> None:
        """`keyring` is for tests; by default the OS keyring is opened when first needed."""
        self._closed = threading.Event()
        self._keyring: Keyring = keyring or KeyringThread(self._closed)
        self._told = False

    def close(self) -> None:
        """Let whoever waits for the keyring go: from now on every call raises `CancelledByUserError`."""
        self._closed.set()

    def key(self, provider: Provider) -> str:
        """The key for a provider at its host, "" when there is none or the keyring cannot be opened (which is logged).

        Where none was entered the keyring is left alone: opening one may ask a person for a password.
        """
        if not provider.has_key:
            return ""
        try:
            return self._keyring.get_password(_service(provider), provider.host) or ""
        except CancelledByUserError:
            raise
        except Exception as error:  # noqa: BLE001 - every backend has errors of its own
            if not self._told:
                self._told = True
                logger.info("The keyring cannot be read (%s); going on without keys.", type(error).__name__)
            return ""

    def save(self, provider: Provider, key: str) -> None:
        """Put a key into the keyring.

        Raises:
            WrongUseError: it cannot be a key.
            KeyringError: there is no usable keyring; says what to do instead.
        """
        key = checked(key)
        try:
            self._keyring.set_password(_service(provider), provider.host, key)
        except CancelledByUserError:
            raise
        except Exception as error:
            if type(error).__name__ == NO_KEYRING:
                raise KeyringError(NOWHERE_TO_KEEP) from error
            logger.info("The keyring did not take a key (%s)", type(error).__name__)
            raise KeyringError(NOT_TAKEN) from error

    def forget(self, provider: Provider) -> None:
        """Remove the key of a provider; nothing happens when there is none.

        Raises:
            KeyringError: the keyring cannot be opened, or holds the key still.
        """
        if not provider.has_key:
            return
        service = _service(provider)
        try:
            keyring = self._keyring
            if keyring.get_password(service, provider.host) is None:
                return
            keyring.delete_password(service, provider.host)
        except CancelledByUserError:
            raise
        except Exception as error:
            if type(error).__name__ == NO_KEYRING:
                return
            raise KeyringError(
                f"The key could not be removed from this computer's keyring ({type(error).__name__}). Unlock the keyring "
                f"and try again, or remove the entry {service} there."
            ) from error


def checked(key: str) -> str:
    """A key as it can stand in a header; raises `WrongUseError` for what cannot be one, without repeating it."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise WrongUseError("That is no key: a key has only letters, digits and signs, without spaces. Copy it again.")
    return key


def _service(provider: Provider) -> str:
    return f"{SERVICE}: {provider.name}"
