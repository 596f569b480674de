"""What a person asks for around signing in: frozen records, carried out by `sign_in_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.domain.sign_in import PermissionResult

Told = Callable[[str], None]
"""Told how it went: "" when it worked, else what happened and what to do."""


@dataclass(frozen=True, slots=True)
class AskHowToSignIn:
    """Whether GitHub's codes can be used here."""

    answered: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class SignInWithCode:
    """Sign in with a code that GitHub shows; `signed_in` is told in words whose account it was."""

    signed_in: Told
    answered: Told


@dataclass(frozen=True, slots=True)
class SignOut:
    """Remove the token from the keyring."""

    answered: Told


@dataclass(frozen=True, slots=True)
class CheckPermissions:
    """Try what the stored token can do."""

    found: Callable[[tuple[PermissionResult, ...]], None]
    answered: Told


SignInWish = AskHowToSignIn | SignInWithCode | SignOut | CheckPermissions
