"""What a person asks for around changes: frozen records, carried out by `outbox_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.domain.changes import Change

Told = Callable[[str], None]
"""Told how it went: "" when it worked, else what happened and what to do."""


@dataclass(frozen=True, slots=True)
class ReadOutbox:
    """Read every change that waits or was sent lately."""

    answered: Callable[[tuple[Change, ...]], None]
    failed: Told


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """Change an issue or pull request: opens a dialog, and keeps what was changed as drafts."""

    evidence_id: str


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """Write a new issue and keep it as a draft."""


@dataclass(frozen=True, slots=True)
class Reword:
    """Word a draft anew."""

    change: Change


@dataclass(frozen=True, slots=True)
class LookAndSend:
    """Compare these with GitHub, show them, and send those that the person agrees to."""

    change_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discard:
    """Do not send this one."""

    change: Change


@dataclass(frozen=True, slots=True)
class Settle:
    """Settle a conflict."""

    change: Change
    keep_mine: bool


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Try a parked change again."""

    change: Change


OutboxWish = ReadOutbox | ChangeItem | OpenIssue | Reword | LookAndSend | Discard | Settle | SendAgain
