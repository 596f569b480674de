"""Failures that we foresee, each a sentence for a person: what happened, and what to do.

Three failures, three fates: cancelled work is silent, a `GalaxyError` is a sentence, everything
else is a bug and goes to the log with its traceback. A failure never becomes content.
"""

from __future__ import annotations

from datetime import datetime


class GalaxyError(Exception):
    """A foreseen failure; `str()` of it is the sentence shown."""

    exit_code = 1


class WrongUseError(GalaxyError):
    """The command line or a setting asks for something that makes no sense."""

    exit_code = 2


class RefusedError(GalaxyError):
    """GitHub answered and said no: the sentence names the token, the repository or the limit."""

    exit_code = 3


class TokenRejectedError(RefusedError):
    """401: the token is wrong, expired or revoked."""


class NoAccessError(RefusedError):
    """403 or 404: the token cannot see this repository, or it is not there."""


class LegalBlockError(RefusedError):
    """451: GitHub may not show this repository."""


class LimitError(RefusedError):
    """The primary or a secondary rate limit: try again at `until` (aware, by GitHub's clock turned into ours).

    `resource` is the quota that is used up ("core", "graphql"), "" for a limit on everything.
    """

    def __init__(self, sentence: str, until: datetime, resource: str = "") -> None:
        """Keep the moment beside the sentence: the scheduler needs it, the user reads it."""
        super().__init__(sentence)
        self.until = until
        self.resource = resource


class OfflineError(GalaxyError):
    """GitHub could not be reached at all."""

    exit_code = 4


class NetworkOffError(OfflineError):
    """The user switched the network off: nothing leaves the program until it is on again."""


class BrokenAnswerError(GalaxyError):
    """GitHub answered with something that is not an answer: a 5xx, an HTML page, half a JSON text."""

    exit_code = 3


class StoreError(GalaxyError):
    """The database cannot be used: newer than this program, damaged, or the disk is full."""


class ModelError(GalaxyError):
    """The language model cannot be used; facts mode goes on without it."""


class CancelledByUserError(GalaxyError):
    """The user asked to stop; shown nowhere."""
