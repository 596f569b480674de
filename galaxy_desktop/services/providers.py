"""Providers of language models as a person deals with them: add, try, agree, choose, withdraw, remove, and what it cost.

What the Settings page and `galaxy-desktop providers` stand on. Nothing here asks a provider by itself: only `try_out`
does, which a person presses, and which sends one fixed sentence that holds nothing of the user's.

Methods read the database and the keyring, so a window calls them on a worker thread.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from galaxy_desktop.domain.providers import (
    LOCAL,
    PURPOSE_WORDS,
    Consent,
    Provider,
    ProviderFacts,
    ProviderKind,
    ProvidersOverview,
    ProviderUse,
    Purpose,
    Reach,
    TrialReport,
    check_name,
    consent_line,
    order_of,
    summed,
)
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.engines import SETTING, Engines
from galaxy_desktop.services.provider_http import check_way
from galaxy_desktop.services.provider_keys import checked
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

FAR_TOKENS_A_DAY = 200_000
"""The limit that a provider on the internet begins with: some hundred explanations."""
NOTHING_ASKED = "Nothing was asked of a model for this yet. It appears here with the first text that a model words."
EVERY_TEXT = (
    "Every text that search indexes is sent as it was collected. How many there are, and what that costs: the Models page, "
    "or galaxy-desktop search-model cost provider:NAME."
)
REPLIES = {Purpose.PROSE: ("prose", "patterns"), Purpose.QUESTIONS: ("answer", "choice")}


class Door(Protocol):
    """The program's door to the network, which says whether it is open."""

    @property
    def on(self) -> bool:
        """Whether the network is switched on."""
        ...


class Providers:
    """The providers of one profile."""

    def __init__(
        self, store: Store, settings: Callable[[], Settings], engines: Engines, door: Door, now: Callable[[], datetime]
    ) -> None:
        """Reads nothing yet."""
        self._store = store
        self._settings = settings
        self._engines = engines
        self._door = door
        self._now = now

    @property
    def engines(self) -> Engines:
        """What chooses the engine for a purpose."""
        return self._engines

    # --- what is known

    def overview(self) -> ProvidersOverview:
        """Every provider as it stands, and the orders in force."""
        providers, settings = self._store.providers(), self._settings()
        names = {LOCAL, *(one.name for one in providers)}
        orders = {
            purpose: tuple(name for name in order_of(settings.text(setting)) if name in names)
            for purpose, setting in SETTING.items()
        }
        today = self._now().date()
        uses = self._store.provider_uses(today)
        consents = self._store.provider_consents()
        return ProvidersOverview(
            providers=tuple(self._facts(one, consents, uses) for one in providers),
            orders=tuple(orders.items()),
            local_model=settings.text("model"),
            network_on=self._door.on,
        )

    def _facts(self, provider: Provider, consents: tuple[Consent, ...], uses: tuple[ProviderUse, ...]) -> ProviderFacts:
        rest = self._engines.rest_of(provider.name)
        return ProviderFacts(
            provider=provider,
            consents=tuple(one for one in consents if one.provider == provider.name),
            today=summed([one for one in uses if one.provider == provider.name]),
            resting=f"Left alone until {rest.until:%H:%M}. {rest.sentence}" if rest is not None else "",
        )

    def find(self, name: str) -> Provider:
        """A provider by its name; raises `WrongUseError` when there is none."""
        found = next((one for one in self._store.providers() if one.name == name), None)
        if found is None:
            raise WrongUseError(f"There is no provider {name!r}. Add it first, in Settings or with providers add.")
        return found

    def uses(self, days: int = 30) -> tuple[ProviderUse, ...]:
        """What providers used in the last days, today included, the newest first."""
        since: date = self._now().date() - timedelta(days=days - 1)
        return self._store.provider_uses(since)

    def consent_line(self, name: str, purpose: Purpose) -> str:
        """What a person agrees to."""
        return consent_line(self.find(name), purpose)

    def last_prompt(self, purpose: Purpose) -> str:
        """The last text that a model was asked for this purpose, word for word; a sentence where there was none."""
        if purpose is Purpose.SEARCH:
            return EVERY_TEXT
        for brief in self._store.recorded_runs():
            if _purpose_of(brief.run_id) is not purpose:
                continue
            run = self._store.recorded_run(brief.run_id)
            calls = json.loads(run.body).get("calls", ()) if run is not None else ()
            if calls:
                return f"{calls[0]['system']}\n\n{calls[0]['user']}"
        return NOTHING_ASKED

    # --- what a person does

    def add(self, provider: Provider, key: str = "") -> bool:
        """Keep a provider in the place of one with its name, and a key if one is given; whether consents still hold.

        Raises:
            WrongUseError: name, address or key will not do.
            KeyringError: the key cannot be kept; then nothing is.
        """
        before = next((one for one in self._store.providers() if one.name == provider.name), None)
        kept = before is not None and before.has_key and before.host == provider.host
        provider = self.checked(replace(provider, has_key=bool(key) or kept), key)
        if key:
            self._engines.keys.save(provider, key)
        if before is not None and before.host != provider.host:
            self._engines.keys.forget(before)
        holds = self._store.keep_provider(provider, self._now()).result()
        self._engines.changed(provider.name)
        return holds

    def checked(self, provider: Provider, key: str = "") -> Provider:
        """A provider as it would be kept; raises `WrongUseError` with what would be right."""
        try:
            check_name(provider.name)
        except ValueError as wrong:
            raise WrongUseError(str(wrong)) from None
        provider = replace(provider, address=provider.address.strip().rstrip("/"), model=provider.model.strip())
        if not provider.model:
            raise WrongUseError("Name the model to ask for, as the provider calls it.")
        check_way(provider.address, has_key=bool(checked(key)) if key else provider.has_key)
        _check_numbers(provider)
        return provider

    def try_out(self, provider: Provider, key: str, stop: StopFlag) -> TrialReport:
        """Ask a provider for one word, added or not; what it said, in a sentence. `key` "" is the one that is kept."""
        before = next((one for one in self._store.providers() if one.name == provider.name), None)
        kept = before is not None and before.has_key and before.host == provider.host
        provider = self.checked(replace(provider, has_key=kept), key)
        secret = key.strip() or self._engines.keys.key(provider)
        engine = self._engines.connected(provider, secret, None)
        try:
            report = engine.try_out(stop)
        finally:
            engine.close()
        return (
            report
            if report.ok or provider.kind is not ProviderKind.OPENAI
            else self._vectors(provider, secret, report, stop)
        )

    def _vectors(self, provider: Provider, key: str, words: TrialReport, stop: StopFlag) -> TrialReport:
        """A model that words nothing may be one for search; else what it said when it was asked for words."""
        talk = self._engines.connected_vectors(provider, key, None)
        try:
            report = talk.try_out(stop)
        finally:
            talk.close()
        return report if report.ok else words

    def agree(self, name: str, purpose: Purpose) -> None:
        """A person read the line and agreed to it, for the address as it is now."""
        given = Consent(provider=name, address=self.find(name).address, purpose=purpose, at=self._now())
        self._store.agree_to_provider(given).result()
        self._engines.changed(name)

    def withdraw(self, name: str, purpose: Purpose) -> bool:
        """A person takes their word back, which holds at once; whether there was one."""
        was = self._store.withdraw_from_provider(name, purpose).result()
        self._engines.changed(name)
        return was

    def order(self, purpose: Purpose, names: str) -> str:
        """An order as its setting holds it; raises `WrongUseError` for a name that is no provider's."""
        try:
            found = order_of(names)
        except ValueError as wrong:
            raise WrongUseError(f"{wrong}.") from None
        for name in found:
            if name != LOCAL:
                self.find(name)
        logger.info("%s: asked in the order %s", PURPOSE_WORDS[purpose], ", ".join(found))
        return ", ".join(found) or LOCAL

    def remove(self, name: str) -> None:
        """Remove a provider, its key and what was agreed to for it; raises `WrongUseError` when there is none."""
        provider = self.find(name)
        self._engines.keys.forget(provider)
        self._store.remove_provider(name).result()
        self._engines.changed(name)


def with_usual_limit(provider: Provider) -> Provider:
    """A provider with the limit it begins with: one on the internet has one, others have none."""
    far = provider.reach is Reach.FAR and provider.tokens_a_day is None and provider.money_a_day is None
    return replace(provider, tokens_a_day=FAR_TOKENS_A_DAY) if far else provider


def _check_numbers(provider: Provider) -> None:
    numbers = (provider.price_in, provider.price_out, provider.money_a_day, provider.tokens_a_day)
    if any(one is not None and not 0 <= one < 1e12 for one in numbers):
        raise WrongUseError("Prices and limits are numbers from 0 on; leave them empty where they are not known.")
    if provider.money_a_day is not None and provider.price_in is None:
        raise WrongUseError("A limit of money needs the prices of a million tokens. Enter them, or limit the tokens.")


def _purpose_of(run_id: str) -> Purpose:
    """What a recorded run was for; runs of sprints have no word in front."""
    kind = run_id.partition("/")[0].partition(":")[0]
    return Purpose.QUESTIONS if kind in REPLIES[Purpose.QUESTIONS] else Purpose.PROSE
