"""Signing in to GitHub: what a device code is, and what a token turned out to be able to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What GitHub gave to sign in with: the person types `user_code` at `verification_url` before `expires_at`.

    `interval_s` is how often GitHub wants to be asked whether they did. `device_code` is a secret.
    """

    user_code: str
    verification_url: str
    expires_at: datetime
    interval_s: int
    device_code: str = field(repr=False)


class Ability(StrEnum):
    """How one permission of a token was found to be."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionResult:
    """One thing the program can do with a token, tried live.

    `feature` in words ("Reads issues"), `permission` as GitHub's token form names it ("Issues: read"), `sentence` what
    happened and what to do. `needed` is false for what is good to have only.
    """

    feature: str
    permission: str
    ability: Ability
    sentence: str
    needed: bool = True
