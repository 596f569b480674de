"""Providers of language models beyond the program's own: who they are, what they are told, and what they cost.

None is there before a person adds one, and none is told anything before that person agreed, for each purpose apart, to
the line that says what leaves this computer and where it goes. Keys are in no record: they belong to the keyring.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit

LOCAL = "local"
"""In an order: the model of this computer."""
MILLION = 1_000_000
RESERVED = (LOCAL, "facts")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_HOME = (".localhost", ".local", ".lan", ".home.arpa", ".internal")
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")


class ProviderKind(StrEnum):
    """How a provider is talked to."""

    OPENAI = "openai-compatible"
    """Ollama, llama-server, vLLM, LM Studio, OpenAI, Gemini's compatible address, and whoever speaks like them."""
    ANTHROPIC = "anthropic"


class Purpose(StrEnum):
    """What a model is asked for; each is agreed to apart."""

    PROSE = "prose"
    """Wording the explanation of a sprint, and looking for patterns in it."""
    QUESTIONS = "questions"
    """Wording the answer to a question that a person asks."""
    SEARCH = "search"
    """Turning texts into vectors, so that search finds them by their meaning."""


class Reach(StrEnum):
    """How far what is sent travels."""

    HERE = "this computer"
    NEAR = "your network"
    FAR = "the internet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider; prices are per million tokens in the money that its owner thinks in, `None` where not known.

    `tokens_a_day` and `money_a_day` are what it may be given on one day, `None` for no limit.
    """

    name: str
    kind: ProviderKind
    address: str
    model: str
    price_in: float | None = None
    price_out: float | None = None
    tokens_a_day: int | None = None
    money_a_day: float | None = None
    has_key: bool = False
    """Whether a key was entered for its host; the keyring is asked for no other."""
    added_at: datetime | None = None

    @property
    def host(self) -> str:
        """Host and port of the address."""
        return urlsplit(self.address).netloc

    @property
    def reach(self) -> Reach:
        """How far what is sent travels."""
        return reach_of(urlsplit(self.address).hostname or "")

    def cost(self, tokens_in: int, tokens_out: int) -> float | None:
        """What so many tokens cost; `None` where a price is not known that plays a part: vectors have no tokens out."""
        if self.price_in is None or (self.price_out is None and tokens_out):
            return None
        return (tokens_in * self.price_in + tokens_out * (self.price_out or 0.0)) / MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person agreed that a provider at this address is told what a purpose needs."""

    provider: str
    address: str
    purpose: Purpose
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUse:
    """What a provider was given and gave on one day; `estimated` counts requests whose tokens it did not tell."""

    day: date
    provider: str
    purpose: Purpose
    requests: int = 0
    estimated: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    """In the money of the prices at that time; `None` where no price was known."""

    @property
    def tokens(self) -> int:
        """Tokens both ways."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFacts:
    """A provider as it stands: what it may do, what it used today, and why it rests if it does."""

    provider: Provider
    consents: tuple[Consent, ...]
    today: ProviderUse | None
    resting: str = ""

    def agreed(self, purpose: Purpose) -> Consent | None:
        """The word that was given for a purpose."""
        return next((one for one in self.consents if one.purpose is purpose), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidersOverview:
    """Every provider, and for each purpose in which order they are asked; facts alone come last in each."""

    providers: tuple[ProviderFacts, ...]
    orders: tuple[tuple[Purpose, tuple[str, ...]], ...]
    local_model: str
    network_on: bool

    def order(self, purpose: Purpose) -> tuple[str, ...]:
        """The order of a purpose."""
        return dict(self.orders)[purpose]


@dataclass(frozen=True, slots=True)
class TrialReport:
    """What a provider said when it was tried: a sentence, and whether it works."""

    ok: bool
    sentence: str
    models: tuple[str, ...] = ()


ORDERED = (Purpose.PROSE, Purpose.QUESTIONS)
"""Purposes with an order of who is asked. Search has none: vectors of different models never meet in one index."""
PURPOSE_WORDS = {
    Purpose.PROSE: "Explanations of sprints",
    Purpose.QUESTIONS: "Answers to your questions",
    Purpose.SEARCH: "Finding texts by their meaning",
}
WHAT_LEAVES = {
    Purpose.PROSE: (
        "the computed facts of each running sprint and of work like it (its name, dates, counts, chances, risks and "
        "proposed actions; numbers, names and logins as those facts word them) and up to 60 characters each of titles, "
        "comments and other collected texts that they quote"
    ),
    Purpose.QUESTIONS: (
        "what you ask, word for word (up to 300 characters), the computed facts that answer it and up to 60 characters "
        "each of titles, comments, code and other collected texts that were found for it"
    ),
    Purpose.SEARCH: (
        "the whole text of everything that search indexes, once and again when it changes (titles, descriptions and "
        "comments of issues and pull requests, messages of commits, past sprints, bugs, deployments and actions, with "
        "every name and address that stands in them), and every search, word for word: yours, and those that the "
        "program makes for its explanations and answers"
    ),
}
_FEW_WORDS = "Nothing else is sent: no whole texts or files, no keys, no list of people."
NOTHING_ELSE = {
    Purpose.PROSE: _FEW_WORDS,
    Purpose.QUESTIONS: _FEW_WORDS,
    Purpose.SEARCH: "Nothing else is sent: no code of local clones, no keys, no list of people.",
}
WHERE = {
    Reach.HERE: "It goes to a program on this computer; what that program passes on is its own affair.",
    Reach.NEAR: "It goes to another computer of your network.",
    Reach.FAR: "It leaves this computer, and that company's terms hold for it.",
}


def consent_line(provider: Provider, purpose: Purpose) -> str:
    """What a person agrees to, naming what is sent, for what, and the host that gets it."""
    readable = " The way there is not encrypted." if unencrypted(provider) else ""
    return (
        f"{PURPOSE_WORDS[purpose]}: {provider.host} ({provider.model}) is sent {WHAT_LEAVES[purpose]}. "
        f"{WHERE[provider.reach]}{readable} {NOTHING_ELSE[purpose]}"
    )


def unencrypted(provider: Provider) -> bool:
    """Whether what is sent could be read on its way."""
    return provider.reach is not Reach.HERE and urlsplit(provider.address).scheme == "http"


def order_of(text: str) -> tuple[str, ...]:
    """The names in an order such as "ollama, local", each once.

    Raises:
        ValueError: something in it cannot be a name.
    """
    names = [one.strip().lower() for one in text.replace("\n", ",").split(",")]
    found = tuple(dict.fromkeys(name for name in names if name and name != "facts"))
    for name in found:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a provider")
    return found


def check_name(name: str) -> str:
    """A name that a provider can have; raises `ValueError` with what would be right."""
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise ValueError(f"A provider's name is short and plain, such as ollama or my-server, not {name!r}.")
    return name


def reach_of(host: str) -> Reach:
    """How far away a host is, by its name or number alone."""
    import ipaddress  # noqa: PLC0415 - the window's first paint need not wait for it

    bare = host.strip("[]").rstrip(".").lower()
    try:
        number = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        if bare == "localhost" or bare.endswith(".localhost"):
            return Reach.HERE
        return Reach.NEAR if "." not in bare or bare.endswith(_HOME) else Reach.FAR
    number = getattr(number, "ipv4_mapped", None) or number
    if number.is_loopback:
        return Reach.HERE
    nets = map(ipaddress.ip_network, _PRIVATE)
    return Reach.NEAR if any(number in net for net in nets if net.version == number.version) else Reach.FAR


def summed(uses: Sequence[ProviderUse]) -> ProviderUse | None:
    """Several counts of one provider and day as one; `None` for none. A cost that is not known in part is not known."""
    if not uses:
        return None
    costs = [one.cost for one in uses]
    return ProviderUse(
        day=uses[0].day,
        provider=uses[0].provider,
        purpose=uses[0].purpose,
        requests=sum(one.requests for one in uses),
        estimated=sum(one.estimated for one in uses),
        tokens_in=sum(one.tokens_in for one in uses),
        tokens_out=sum(one.tokens_out for one in uses),
        cost=None if None in costs else sum(one for one in costs if one is not None),
    )
