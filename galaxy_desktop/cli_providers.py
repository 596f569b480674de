"""`galaxy-desktop providers`: list, add, test, consent, use, remove and cost, over the same desk as Settings.

Nothing is sent before `consent` was said for a purpose and `use` put the provider into its order; `test` alone asks a
provider, with one fixed sentence. A key is typed unseen or read from stdin, never given as an argument, where it would
stand in the history of the shell and in the list of processes. Ctrl+C ends a test within a second.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from galaxy_desktop.domain.providers import (
    ORDERED,
    PURPOSE_WORDS,
    Provider,
    ProviderFacts,
    ProviderKind,
    ProvidersOverview,
    ProviderUse,
    Purpose,
)
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder, data_folder
from galaxy_desktop.subcommands import Commands, Declare, add_group

if TYPE_CHECKING:
    from galaxy_desktop.services.providers import Providers
    from galaxy_desktop.store.database import Store

Emit = Callable[[str], None]
Ask = Callable[[str], str]
TEST_FAILED = 3

TEXTS = {
    "list": "say which providers there are, what was agreed to, and in which order models are asked",
    "add": "add a provider, or change one",
    "test": "ask a provider for one word; nothing of yours is sent",
    "consent": "read what a purpose sends to a provider, and agree to it or take that back",
    "use": "say who words a purpose, in order",
    "remove": "remove a provider, its key and what was agreed to",
    "cost": "say how many tokens providers used by day, and what that cost",
}


def add_providers_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """`providers` and what it can do."""
    text = "providers of language models: off until you add one and agree to what it is sent"
    add_group(commands, "providers", text, TEXTS, _OPTIONS)


def _add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="what to call it, such as ollama")
    command.add_argument("--kind", choices=[str(kind) for kind in ProviderKind], help="how it is talked to")
    command.add_argument("--address", metavar="URL", help="such as http://localhost:11434 or https://api.openai.com/v1")
    command.add_argument("--model", metavar="MODEL", help="the model, as the provider calls it")
    command.add_argument(
        "--key", action="store_true", help="enter a key, unseen (or one line of stdin); for the keyring"
    )
    for name, text in (("price-in", "tokens that are sent"), ("price-out", "tokens that come back")):
        command.add_argument(f"--{name}", type=_number, metavar="N", help=f"price of a million {text}")
    command.add_argument(
        "--tokens-a-day", type=_number, metavar="N", help="most tokens a day, both ways; 'none' for any"
    )
    command.add_argument(
        "--money-a-day", type=_number, metavar="N", help="most money a day, by the prices; 'none' for any"
    )


def _name_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="a provider of the list")


def _consent_options(command: argparse.ArgumentParser) -> None:
    _name_options(command)
    command.add_argument("purpose", choices=[str(one) for one in Purpose], help="what it would be asked for")
    command.add_argument("--yes", action="store_true", help="agree without being asked")
    command.add_argument("--withdraw", action="store_true", help="take it back; holds at once")
    command.add_argument(
        "--show", action="store_true", help="print the last text that a model was asked, word for word"
    )


def _use_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("purpose", choices=[str(one) for one in ORDERED], help="what it is asked for")
    command.add_argument("order", metavar="ORDER", help="names in order, such as ollama,local; facts alone come last")


def _cost_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--days", type=int, default=7, metavar="N", help="how far to look back (default: 7)")


_OPTIONS: dict[str, Declare] = {
    "add": _add_options,
    "test": _name_options,
    "consent": _consent_options,
    "use": _use_options,
    "remove": _name_options,
    "cost": _cost_options,
}


def _number(text: str) -> float:
    """A number of an option; "none" is -1, which means: no limit, or not known."""
    if text.strip().lower() == "none":
        return -1.0
    try:
        return max(0.0, float(text.replace("_", "")))
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number or none, not {text!r}") from None


def run(options: argparse.Namespace, emit: Emit, ask: Ask | None = None, secret: Ask | None = None) -> int:
    """Carry out one of them; the exit code.

    Args:
        options: as parsed.
        emit: prints an answer.
        ask: asks a person for a word; by default on the terminal, where there is one.
        secret: asks for a key, unseen.

    Raises:
        GalaxyError: with the sentence to print.
    """
    from galaxy_desktop.services.logs import logging_to  # noqa: PLC0415 - the window needs none of it

    folder = data_folder(getattr(options, "data_dir", None))
    with logging_to(folder.make()), open_providers(folder) as (desk, store):
        command = Command(desk, store, emit, ask or _ask, secret or _secret, as_json=options.json)
        work: dict[str, Callable[[], int]] = {
            "list": command.show,
            "add": lambda: command.add(options),
            "test": lambda: command.test(options.name),
            "consent": lambda: command.consent(options),
            "use": lambda: command.use(Purpose(options.purpose), options.order),
            "remove": lambda: command.remove(options.name),
            "cost": lambda: command.cost(options.days),
        }
        return work[options.what]()


class Command:
    """The commands of one run."""

    def __init__(self, desk: Providers, store: Store, emit: Emit, ask: Ask, secret: Ask, *, as_json: bool) -> None:
        self._desk = desk
        self._store = store
        self._emit = emit
        self._ask = ask
        self._secret = secret
        self._as_json = as_json

    def show(self) -> int:
        """`list`."""
        shown = self._desk.overview()
        self._emit(json.dumps(overview_fields(shown), indent=2) if self._as_json else "\n".join(overview_lines(shown)))
        return 0

    def add(self, options: argparse.Namespace) -> int:
        """`add`: what is not named stays as it was."""
        from galaxy_desktop.services.providers import with_usual_limit  # noqa: PLC0415 - brings the network's libraries

        known = [one.provider for one in self._desk.overview().providers if one.provider.name == options.name]
        before = known[0] if known else None
        base = before or Provider(name=options.name, kind=ProviderKind.OPENAI, address="", model="")
        tokens = _chosen(options.tokens_a_day, base.tokens_a_day)
        provider = Provider(
            name=options.name,
            kind=ProviderKind(options.kind or base.kind),
            address=options.address or base.address,
            model=options.model or base.model,
            price_in=_chosen(options.price_in, base.price_in),
            price_out=_chosen(options.price_out, base.price_out),
            tokens_a_day=None if tokens is None else int(tokens),
            money_a_day=_chosen(options.money_a_day, base.money_a_day),
        )
        if not provider.address or not provider.model:
            raise WrongUseError("A new provider needs --address and --model.")
        if before is None and options.tokens_a_day is None:
            provider = with_usual_limit(provider)
        key = self._secret(f"Key for {options.name}: ") if options.key else ""
        if options.key and not key.strip():
            raise WrongUseError("No key was entered, so nothing was changed. Type it, or send it as one line of stdin.")
        holds = self._desk.add(provider, key)
        said = f"{options.name} is kept. Nothing is sent to it before you agree: galaxy-desktop providers consent {options.name} prose"
        if before is not None:
            said = (
                f"{options.name} is changed."
                if holds
                else f"{options.name} is changed. What you agreed to for {before.host} does not hold for {provider.host}; agree again."
            )
        self._say(said, name=options.name, consents_hold=holds)
        return 0

    def test(self, name: str) -> int:
        """`test`."""
        report = self._desk.try_out(self._desk.find(name), "", threading.Event())
        self._say(report.sentence, name=name, ok=report.ok, models=list(report.models))
        return 0 if report.ok else TEST_FAILED

    def consent(self, options: argparse.Namespace) -> int:
        """`consent`: read, agree, or take back."""
        name, purpose = options.name, Purpose(options.purpose)
        line = self._desk.consent_line(name, purpose)
        if options.withdraw:
            was = self._desk.withdraw(name, purpose)
            said = "It is sent nothing for that any more." if was else "You had not agreed to that."
            self._say(f"{name}: {said}", name=name, purpose=str(purpose), agreed=False)
            return 0
        if options.show:
            self._say(self._desk.last_prompt(purpose), name=name, purpose=str(purpose))
            return 0
        agreed = options.yes or self._ask(f"{line}\n\nAgree? Type yes: ").strip().lower() in ("y", "yes")
        if agreed:
            self._desk.agree(name, purpose)
        more = "" if purpose in ORDERED and name in self._desk.overview().order(purpose) else _how_to_use(name, purpose)
        self._say(
            f"{line}\n\nYou agreed.{more}" if agreed else f"{line}\n\nNothing is sent: you did not agree. Say --yes to agree.",
            name=name, purpose=str(purpose), agreed=agreed, line=line,
        )  # fmt: skip
        return 0 if agreed else WrongUseError.exit_code

    def use(self, purpose: Purpose, order: str) -> int:
        """`use`: the setting of the profile."""
        from galaxy_desktop.services import clock  # noqa: PLC0415 - with the desk
        from galaxy_desktop.services.engines import SETTING  # noqa: PLC0415 - with the desk

        text = self._desk.order(purpose, order)
        self._store.set_setting(SETTING[purpose], text, "user", clock.now()).result()
        shown = {one.provider.name: one for one in self._desk.overview().providers}
        missing = [name for name in text.split(", ") if name in shown and shown[name].agreed(purpose) is None]
        more = "".join(
            f" {name} is asked once you agreed: galaxy-desktop providers consent {name} {purpose}." for name in missing
        )
        self._say(f"{PURPOSE_WORDS[purpose]}: {text}, then facts alone.{more}", purpose=str(purpose), order=text)
        return 0

    def remove(self, name: str) -> int:
        """`remove`."""
        self._desk.remove(name)
        self._say(f"{name} is removed, with its key and what was agreed to.", name=name)
        return 0

    def cost(self, days: int) -> int:
        """`cost`."""
        if not 1 <= days <= 3660:
            raise WrongUseError("Look back between 1 and 3660 days.")
        uses = self._desk.uses(days)
        if self._as_json:
            self._emit(json.dumps({"days": [use_fields(one) for one in uses]}, indent=2))
        else:
            self._emit("\n".join(cost_lines(uses)) if uses else f"No provider was asked in the last {days} days.")
        return 0

    def _say(self, sentence: str, **more: Any) -> None:
        self._emit(json.dumps({**more, "sentence": sentence}, indent=2) if self._as_json else sentence)


def _how_to_use(name: str, purpose: Purpose) -> str:
    what = f"providers use {purpose} {name},local" if purpose in ORDERED else f"search-model use provider:{name}"
    return f" To use it: galaxy-desktop {what}"


@contextmanager
def open_providers(folder: DataFolder) -> Iterator[tuple[Providers, Store]]:
    """The desk over the store of a profile, with the program's door in front."""
    from galaxy_desktop.services import clock  # noqa: PLC0415 - the window needs none of it
    from galaxy_desktop.services.egress import egress_of  # noqa: PLC0415 - same
    from galaxy_desktop.services.engines import Engines  # noqa: PLC0415 - same
    from galaxy_desktop.services.providers import Providers  # noqa: PLC0415 - same
    from galaxy_desktop.settings import Settings  # noqa: PLC0415 - same
    from galaxy_desktop.store.database import Store  # noqa: PLC0415 - same

    with Store.open(folder) as store:

        def settings() -> Settings:
            return Settings.from_text(store.settings())

        door = egress_of(settings(), store, clock.now)
        engines = Engines(store, settings, door, clock.now)
        try:
            yield Providers(store, settings, engines, door, clock.now), store
        finally:
            engines.close()
            door.close()


def overview_lines(shown: ProvidersOverview) -> list[str]:
    """The list for a terminal."""
    lines: list[str] = []
    for one in shown.providers:
        lines += [*_provider_lines(one), ""]
    if not shown.providers:
        lines += [
            "No provider is added. The model of this computer words everything, and nothing is sent anywhere.",
            "",
        ]
    for purpose, order in shown.orders:
        lines.append(f"{PURPOSE_WORDS[purpose]}: {', '.join([*order, 'facts alone'])}")
    if not shown.network_on:
        lines.append("The network is switched off: only providers on this computer are asked.")
    return lines


def _provider_lines(facts: ProviderFacts) -> list[str]:
    one = facts.provider
    agreed = [f"{word.purpose} since {word.at.date().isoformat()}" for word in facts.consents]
    lines = [
        f"{one.name}: {one.model} at {one.address} ({one.kind}, {one.reach})",
        f"  key: {'in the keyring' if one.has_key else 'none'}; agreed: {', '.join(agreed) or 'nothing, so nothing is sent'}",
        f"  today: {use_words(facts.today, one)}",
    ]
    return [*lines, f"  {facts.resting}"] if facts.resting else lines


def use_words(use: ProviderUse | None, provider: Provider) -> str:
    """What was used today, beside what may be."""
    tokens = use.tokens if use is not None else 0
    most = f" of {provider.tokens_a_day:,}" if provider.tokens_a_day is not None else ""
    cost = provider.cost(use.tokens_in, use.tokens_out) if use is not None else provider.cost(0, 0)
    limit = f" of {provider.money_a_day:.2f}" if provider.money_a_day is not None else ""
    money = f"cost {cost:.4f}{limit}" if cost is not None else "cost not known (no prices)"
    return f"{tokens:,}{most} tokens, {money}"


def cost_lines(uses: Sequence[ProviderUse]) -> list[str]:
    """The meter for a terminal."""
    rows = [("DAY", "PROVIDER", "FOR", "REQUESTS", "TOKENS IN", "OUT", "COST")]
    rows += [
        (
            one.day.isoformat(), one.provider, str(one.purpose), str(one.requests),
            f"{one.tokens_in:,}", f"{one.tokens_out:,}{' ~' if one.estimated else ''}",
            "?" if one.cost is None else f"{one.cost:.4f}",
        )
        for one in uses
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, "", "~ estimated in part: the provider does not tell all of its tokens"] if any(
        one.estimated for one in uses
    ) else lines  # fmt: skip


def overview_fields(shown: ProvidersOverview) -> dict[str, Any]:
    """The list as JSON; no key is in it, only whether there is one."""
    return {
        "providers": [
            {
                "name": one.provider.name,
                "kind": str(one.provider.kind),
                "address": one.provider.address,
                "model": one.provider.model,
                "reach": str(one.provider.reach),
                "price_in": one.provider.price_in,
                "price_out": one.provider.price_out,
                "tokens_a_day": one.provider.tokens_a_day,
                "money_a_day": one.provider.money_a_day,
                "has_key": one.provider.has_key,
                "consents": {str(word.purpose): word.at.isoformat() for word in one.consents},
                "today": use_fields(one.today) if one.today else None,
                "resting": one.resting,
            }
            for one in shown.providers
        ],
        "orders": {str(purpose): list(order) for purpose, order in shown.orders},
        "network": shown.network_on,
    }


def use_fields(one: ProviderUse) -> dict[str, Any]:
    """One line of the meter as JSON."""
    return {
        "day": one.day.isoformat(),
        "provider": one.provider,
        "purpose": str(one.purpose),
        "requests": one.requests,
        "estimated": one.estimated,
        "tokens_in": one.tokens_in,
        "tokens_out": one.tokens_out,
        "cost": one.cost,
    }


def _chosen(given: float | None, before: float | None) -> float | None:
    if given is None:
        return before
    return None if given < 0 else given


def _ask(question: str) -> str:
    return input(question) if sys.stdin.isatty() else ""


def _secret(question: str) -> str:
    import getpass  # noqa: PLC0415 - only who enters a key needs it

    return getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()
