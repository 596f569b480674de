"""The GitHub token: in the OS keyring or in `GALAXY_GITHUB_TOKEN`, never in a file, a log or the database."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from galaxy_desktop.domain.sign_in import PermissionResult
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.services.keyring_thread import NEVER, Keyring, KeyringThread
from galaxy_desktop.settings import environment_token

logger = logging.getLogger(__name__)

SERVICE = "galaxy-desktop"


class KeyringError(GalaxyError):
    """The OS keyring cannot be used."""


@dataclass(frozen=True, slots=True)
class TokenReport:
    """What GitHub said of a token: whose it is, or in a sentence what is wrong with it; and what it was found to allow."""

    ok: bool
    login: str
    sentence: str
    permissions: Sequence[PermissionResult] = ()


class Credentials:
    """The token of one GitHub host; the environment wins over the keyring."""

    def __init__(self, api_url: str, keyring: Keyring | None = None, *, stop: StopFlag = NEVER) -> None:
        """`keyring` is for tests; by default the OS keyring is opened when first needed.

        `stop` ends the wait for a keyring that has opened a prompt: every method raises `CancelledByUserError` then.
        """
        self._account = urlsplit(api_url).netloc or api_url
        self._keyring: Keyring = keyring or KeyringThread(stop)

    def token(self) -> str | None:
        """The token, or `None` when there is none or the keyring cannot be opened (which is logged)."""
        from_environment = environment_token()
        if from_environment:
            return from_environment
        try:
            return self._keyring.get_password(SERVICE, self._account)
        except CancelledByUserError:
            raise
        except Exception as error:  # noqa: BLE001 - every backend has errors of its own
            logger.info("The keyring cannot be read (%s); going on without a token.", type(error).__name__)
            return None

    def save(self, token: str) -> None:
        """Put the token into the keyring.

        Raises:
            KeyringError: there is no usable keyring; says what to do instead.
        """
        try:
            self._keyring.set_password(SERVICE, self._account, token)
        except CancelledByUserError:
            raise
        except Exception as error:
            raise KeyringError(
                f"The token could not be saved in this computer's keyring ({type(error).__name__}). Unlock or install a "
                "keyring (such as GNOME Keyring), or start the program with GALAXY_GITHUB_TOKEN set."
            ) from error

    def forget(self) -> None:
        """Remove the token from the keyring; nothing happens when there is none.

        Raises:
            KeyringError: the keyring cannot be opened, or holds the token still.
        """
        try:
            keyring = self._keyring
            if keyring.get_password(SERVICE, self._account) is not None:
                keyring.delete_password(SERVICE, self._account)
            left = keyring.get_password(SERVICE, self._account) is not None
        except CancelledByUserError:
            raise
        except Exception as error:
            raise KeyringError(
                f"The token could not be removed from this computer's keyring ({type(error).__name__}). Unlock the keyring "
                f"and try again, or remove the entry {SERVICE} there."
            ) from error
        if left:
            raise KeyringError(f"The keyring kept the token. Remove the entry {SERVICE} there.")
