"""What a provider's refusal means, in one sentence: what happened, and what to do.

Pure: status, headers and words of the server in, an error out. The server's words are somebody else's text: shortened,
bare of anything odd, and without the key, which some servers repeat.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from galaxy_desktop.domain.providers import Provider
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.dialects import said_in

LONGEST_WORDS = 160
MOST_MODELS = 8
LONGEST_WAIT_S = 86_400.0
_TOO_LONG = re.compile(r"context.?(length|window|size)|maximum context|too long|too many tokens|exceed", re.IGNORECASE)
_NO_CREDIT = re.compile(r"insufficient_quota|billing|credit|quota", re.IGNORECASE)
_LOADING = re.compile(r"loading", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(!doctype|html|\?xml|head|body)", re.IGNORECASE)


class ProviderError(ModelError):
    """A provider cannot be used now; `rest_s` is how long it should not be asked again, in seconds."""

    def __init__(self, sentence: str, rest_s: float = 60.0) -> None:
        """Keep the pause beside the sentence."""
        super().__init__(sentence)
        self.rest_s = rest_s


def named(provider: Provider) -> str:
    """A provider in a sentence: its name, and who is behind it."""
    return f"{provider.name} ({provider.host})"


def is_page(content_type: str, body: str) -> bool:
    """Whether an answer is a web page."""
    return "text/html" in content_type.lower() or _PAGE.match(body) is not None


def words_of(body: str, key: str = "") -> str:
    """The server's own words in a body, fit to be shown."""
    try:
        row: Any = json.loads(body)
    except (ValueError, RecursionError):
        row = {"message": body}
    if isinstance(row, list) and row:
        row = row[0]
    return shown(said_in(row) if isinstance(row, dict) else str(row), key)


def shown(text: str, key: str = "") -> str:
    """Somebody else's words in one line, shortened, without the key."""
    if key:
        text = text.replace(key, "…")
    bare = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return bare if len(bare) <= LONGEST_WORDS else f"{bare[:LONGEST_WORDS].rstrip()} …"


def refusal(
    provider: Provider, status: int, headers: Mapping[str, str], body: str, now: datetime, *, key: str = ""
) -> ProviderError:
    """The error for an answer that is no answer."""
    who, said = named(provider), words_of(body, key)
    if is_page(headers.get("content-type", ""), body):
        return ProviderError(f"{who} answers with a web page, not as a language model. Check its address.")
    if 300 <= status < 400:
        return ProviderError(_moved(who, headers.get("location", "")))
    if status in (401, 403):
        what = "does not accept the key. Enter it again" if key else "wants a key. Enter one"
        return ProviderError(f"{who} {what} in Settings.{_quoted(said)}", 600.0)
    if status in (402, 429) and (status == 402 or _NO_CREDIT.search(body)):
        wait = wait_of(headers, now)
        if status == 402 or wait is None:
            return ProviderError(f"{who} says that the account has no credit left.{_quoted(said)}", wait or 600.0)
    if status == 429:
        return _limited(who, wait_of(headers, now))
    if status == 413 or (status in (400, 422, 500) and _TOO_LONG.search(said)):
        return ProviderError(f"{who} cannot read a text this long with {provider.model}.{_quoted(said)}", 0.0)
    if status == 503 and _LOADING.search(said):
        return ProviderError(f"{who} is still loading its model. It is asked again later.", 20.0)
    if status >= 500:
        rest = wait_of(headers, now) or 60.0
        return ProviderError(
            f"{who} has a fault of its own (status {status}). It is asked again later.{_quoted(said)}", rest
        )
    return ProviderError(f"{who} refused the request (status {status}).{_quoted(said)}")


def not_there(provider: Provider, models: Sequence[str], said: str = "") -> ProviderError:
    """A 404: the model is not there where a list of models is; else nothing is at this address."""
    who = named(provider)
    if not models:
        return ProviderError(f"{who} has no language model at this address. Check the address.{_quoted(said)}", 600.0)
    listed = ", ".join(shown(one) for one in models[:MOST_MODELS])
    more = f" and {len(models) - MOST_MODELS} more" if len(models) > MOST_MODELS else ""
    return ProviderError(f"{who} has no model {provider.model}. It has: {listed}{more}.", 600.0)


def wait_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long a server asks to wait, in seconds; `None` when it does not say. A date or a number may be given."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if math.isfinite(seconds) else None


def _limited(who: str, wait: float | None) -> ProviderError:
    if wait is None:
        return ProviderError(f"{who} is asked too often. It is asked again in a minute.", 60.0)
    return ProviderError(f"{who} is asked too often, and wants to be left alone for {_span(wait)}.", wait)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _moved(who: str, location: str) -> str:
    try:
        host = urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    whither = f"to {shown(host)}" if host else "elsewhere"
    return f"{who} sends on {whither}, which was not followed. If that is right, enter that address."


def _quoted(said: str) -> str:
    return f" It says: “{said.rstrip('.')}.”" if said else ""
