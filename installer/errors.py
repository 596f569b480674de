"""Failures of the set-up, each a sentence for a person: what happened, and what to do."""

from __future__ import annotations


class SetupError(Exception):
    """A foreseen failure; `str()` of it is what is printed."""


class OfflineError(SetupError):
    """The package index could not be reached."""


class MissingError(SetupError):
    """Something the computer has to bring is not there."""
