"""Which model words what: the model of this computer, or the providers that a person chose for a purpose, in order.

As long as nothing was chosen this is the model of this computer and nothing else. A provider is asked only for what was
agreed to, at the address that was shown then, while its day's limit is not reached, and not for a while after it
failed. Who cannot be asked is passed over with a sentence. All of this is looked at anew for every text, so that what a
person withdraws holds for the very next one.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.domain.providers import (
    LOCAL,
    PURPOSE_WORDS,
    Provider,
    ProviderUse,
    Purpose,
    Reach,
    order_of,
)
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import GalaxyError, ModelError
from galaxy_desktop.reason.conversation import Patience
from galaxy_desktop.reason.engine import Engine, Generation, Prompt
from galaxy_desktop.reason.fallback import Candidate, FallbackEngine
from galaxy_desktop.reason.provider_talk import ProviderTalk, Spent
from galaxy_desktop.reason.provider_trouble import ProviderError
from galaxy_desktop.reason.remote import RemoteEngine, estimated_tokens
from galaxy_desktop.reason.remote_vectors import PATIENCE as INDEXING
from galaxy_desktop.reason.remote_vectors import RemoteVectors
from galaxy_desktop.reason.wire import Connect
from galaxy_desktop.services.provider_http import ProviderDoor, check_way, wire_to
from galaxy_desktop.services.provider_keys import ProviderKeys
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

SETTING = {Purpose.PROSE: "prose_providers", Purpose.QUESTIONS: "question_providers"}
NOT_ENOUGH = ", and this text may need more than is left, so it is not asked."
THIS_COMPUTER = "The model of this computer"
UNHURRIED = Patience(first=150.0)
"""For servers of one's own: one that reads with the processor alone needs two minutes for a prompt of 1,000 tokens."""
Local = tuple[Engine | None, str]
"""The engine of this computer, or `None` and the sentence why there is none; its weights load when it is first asked."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A provider is left alone until a moment, because of what it said."""

    until: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors of length 1, who made them, and how many texts that one takes at once."""

    vectors: list[list[float]]
    provider: Provider
    most: int


class Engines:
    """Chooses the engine for a purpose; for any thread, but only `engine_for` and `rest_of` for the window's."""

    def __init__(
        self,
        store: Store,
        settings: Callable[[], Settings],
        door: ProviderDoor,
        now: Callable[[], datetime],
        *,
        keys: ProviderKeys | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Asks nobody yet; `settings` are those in force, `now` is in the user's zone: it says when a day begins."""
        self._store = store
        self._settings = settings
        self._door = door
        self._now = now
        self.keys = keys or ProviderKeys()
        self._patience = patience
        self._lock = threading.Lock()
        self._engines: dict[tuple[str, Purpose], RemoteEngine] = {}
        self._vectors: dict[str, RemoteVectors] = {}
        self._turns: dict[str, threading.Lock] = {}
        self._rests: dict[str, Rest] = {}
        self._held: dict[str, int] = defaultdict(int)
        self._closed = False

    def engine_for(self, purpose: Purpose, local: Local, waits: str = "") -> Local:
        """The engine that words a purpose, or `None` and the sentence why there is none; reads nothing, so for any thread.

        `waits` is the sentence why the model of this computer has to make way just now: then others are asked before it.
        A `FallbackEngine` says in `said` whom it passed over, and why.
        """
        order = order_of(self._settings().text(SETTING[purpose])) or (LOCAL,)
        if order == (LOCAL,):
            return local
        own = (None, waits) if waits else local
        return FallbackEngine([self._candidate(name, purpose, own) for name in order]), ""

    def rest_of(self, name: str) -> Rest | None:
        """Until when a provider is left alone, `None` when it may be asked."""
        with self._lock:
            rest = self._rests.get(name)
        return rest if rest is not None and rest.until > self._now() else None

    def changed(self, name: str) -> None:
        """A provider, its key or what was agreed to is another one: end what runs with it, and forget its failures."""
        with self._lock:
            ended: list[ProviderTalk] = [self._engines.pop(key) for key in list(self._engines) if key[0] == name]
            ended += [self._vectors.pop(name)] if name in self._vectors else []
            self._rests.pop(name, None)
        for one in ended:
            one.close()

    def close(self) -> None:
        """Hang up everywhere, and ask nobody any more."""
        self.keys.close()
        with self._lock:
            self._closed = True
            ended: list[ProviderTalk] = [*self._engines.values(), *self._vectors.values()]
            self._engines, self._vectors = {}, {}
        for one in ended:
            one.close()

    def connected(self, provider: Provider, key: str, purpose: Purpose | None) -> RemoteEngine:
        """An engine of a provider, for a purpose or (`None`) to try it out, which is not counted."""
        way, spent, turn = self._way(provider, key, purpose)
        patience = self._patience or (Patience() if provider.reach is Reach.FAR else UNHURRIED)
        return RemoteEngine(provider, key, way, spent=spent, patience=patience, now=self._now, turn=turn)

    def connected_vectors(self, provider: Provider, key: str, purpose: Purpose | None) -> RemoteVectors:
        """The same for vectors of texts."""
        way, spent, turn = self._way(provider, key, purpose)
        return RemoteVectors(provider, key, way, spent=spent, patience=INDEXING, now=self._now, turn=turn)

    def _way(
        self, provider: Provider, key: str, purpose: Purpose | None
    ) -> tuple[Connect, Callable[[Spent], None], threading.Lock | None]:
        check_way(provider.address, has_key=bool(key))
        spent = partial(self._count, provider, purpose) if purpose is not None else _not_counted
        with self._lock:
            turn = None if provider.reach is Reach.FAR else self._turns.setdefault(provider.host, threading.Lock())
        return wire_to(provider, purpose, self._route, self._door), spent, turn

    # --- vectors

    def encode(self, name: str, texts: Sequence[str], stop: StopFlag, *, width: int = 0, soon: bool = False) -> Encoded:
        """Vectors of texts from a provider, if it may be asked for them now; `width` is that of the vectors there are.

        Raises:
            CancelledByUserError: `stop` was set, or the provider was changed meanwhile.
            ProviderError: it may not be asked, or cannot answer; then it is left alone for a while.
        """
        provider = self._admitted(name, Purpose.SEARCH)
        engine = self._get_vectors(provider)
        engine.width = engine.width or width
        wanted = sum(map(estimated_tokens, texts))
        self._hold(provider, wanted, 0)
        try:
            return Encoded(engine.encode(texts, stop, soon=soon), provider, engine.most)
        except ProviderError as error:
            self._failed(name, error)
            raise
        finally:
            self._let_go(name, wanted)

    def provider(self, name: str) -> Provider | None:
        """A provider by its name, `None` where there is none."""
        return next((one for one in self._store.providers() if one.name == name), None)

    def _get_vectors(self, provider: Provider) -> RemoteVectors:
        with self._lock:
            known = self._vectors.get(provider.name)
        if known is not None and known.provider == provider:
            return known
        made = self.connected_vectors(provider, self.keys.key(provider), Purpose.SEARCH)
        with self._lock:
            if self._closed:
                raise ProviderError("The model was shut down.", 0.0)
            self._vectors[provider.name] = made
        if known is not None:
            known.close()
        return made

    # --- one candidate

    def _candidate(self, name: str, purpose: Purpose, local: Local) -> Candidate:
        if name == LOCAL:
            return Candidate(name=THIS_COMPUTER, open=lambda prompt, tokens: _opened(local))
        return Candidate(name=name, open=partial(self._open, name, purpose), failed=partial(self._failed, name))

    def _open(self, name: str, purpose: Purpose, prompt: Prompt, max_tokens: int) -> Engine:
        """The engine of a provider, if it may be asked for this text now; raises `ProviderError` with why not."""
        provider = self._admitted(name, purpose)
        wanted = estimated_tokens(prompt.system + prompt.user) + max_tokens
        engine = self._get_engine(provider, purpose)
        self._hold(provider, wanted, max_tokens)
        return _Held(engine, partial(self._let_go, name, wanted))

    def _admitted(self, name: str, purpose: Purpose) -> Provider:
        """A provider that may be asked for a purpose now; raises `ProviderError` with why not."""
        provider = self.provider(name)
        if provider is None:
            raise ProviderError(f"{name}, which is chosen in Settings, is no provider any more.", 0.0)
        agreed = [(one.provider, one.purpose) for one in self._store.provider_consents()]
        if (name, purpose) not in agreed:
            what = PURPOSE_WORDS[purpose].lower()
            raise ProviderError(f"{name} is not asked for {what}: you have not agreed to what is sent to it.", 0.0)
        rest = self.rest_of(name)
        if rest is not None:
            raise ProviderError(f"{name} is left alone until {rest.until:%H:%M}. {rest.sentence}", 0.0)
        return provider

    def _get_engine(self, provider: Provider, purpose: Purpose) -> RemoteEngine:
        with self._lock:
            known = self._engines.get((provider.name, purpose))
        if known is not None and known.provider == provider:
            return known
        made = self.connected(provider, self.keys.key(provider), purpose)
        with self._lock:
            if self._closed:
                raise ProviderError("The model was shut down.", 0.0)
            self._engines[provider.name, purpose] = made
        if known is not None:
            known.close()
        return made

    def _failed(self, name: str, error: GalaxyError) -> None:
        rest_s = error.rest_s if isinstance(error, ProviderError) else 0.0
        if rest_s > 0:
            with self._lock:
                self._rests[name] = Rest(self._now() + timedelta(seconds=rest_s), str(error))

    # --- the meter

    def _hold(self, provider: Provider, wanted: int, max_tokens: int) -> None:
        """Set tokens of the day aside for a text; raises `ProviderError` when that would be more than is allowed."""
        with self._lock:
            read, written = self._store.provider_used(provider.name, self._now().date())
            held = self._held[provider.name]
            most = provider.tokens_a_day
            if most is not None and read + written + held + wanted > most:
                told = f"{provider.name} has used {read + written:,} of the {most:,} tokens that it may use a day"
                raise ProviderError(f"{told}{NOT_ENOUGH}", 0.0)
            cost = provider.cost(read + held + wanted - max_tokens, written + max_tokens)
            if provider.money_a_day is not None and cost is None:
                told = f"{provider.name} may cost {provider.money_a_day:.2f} a day, but its prices are not known"
                raise ProviderError(f"{told}, so it is not asked. Enter them in Settings.", 0.0)
            if provider.money_a_day is not None and cost is not None and cost > provider.money_a_day:
                spent = provider.cost(read, written) or 0.0
                told = f"{provider.name} has cost {spent:.2f} of the {provider.money_a_day:.2f} that it may cost a day"
                raise ProviderError(f"{told}{NOT_ENOUGH}", 0.0)
            self._held[provider.name] = held + wanted

    def _let_go(self, name: str, wanted: int) -> None:
        with self._lock:
            self._held[name] -= wanted

    def _count(self, provider: Provider, purpose: Purpose, spent: Spent) -> None:
        use = ProviderUse(
            day=self._now().date(),
            provider=provider.name,
            purpose=purpose,
            requests=1,
            estimated=int(spent.estimated),
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            cost=provider.cost(spent.tokens_in, spent.tokens_out),
        )
        self._store.spend_at_provider(use).result()

    def _route(self) -> Route:
        settings = self._settings()
        return Route(gate=self._door, proxy=settings.proxy(), ca_bundle=settings.ca_bundle())


class _Held:
    """An engine for one text, for which tokens of the day were set aside."""

    def __init__(self, engine: RemoteEngine, let_go: Callable[[], None]) -> None:
        self._engine = engine
        self._let_go = let_go

    @property
    def name(self) -> str:
        """The name of the engine."""
        return self._engine.name

    def generate(self, prompt: Prompt, **more: Any) -> Generation:
        """Let it write; the tokens that were set aside are free again when it was counted."""
        try:
            return self._engine.generate(prompt, **more)
        finally:
            self._let_go()

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs, estimated."""
        return self._engine.count_tokens(text)

    def close(self) -> None:
        """The engine belongs to `Engines`."""


def _opened(local: Local) -> Engine:
    engine, why = local
    if engine is None:
        raise ModelError(why)
    return engine


def _not_counted(spent: Spent) -> None:
    logger.debug("a test used %d tokens", spent.tokens_in + spent.tokens_out)
