"""Many things in one question, and in smaller questions when GitHub cannot finish.

GitHub gives up on a question after ten seconds and says 502, or "something went wrong": then the batch is halved and
asked again, and the smaller size is kept. When that does not help either, the rest is handed back unanswered, and the
reader asks the REST API for it, which also tells whether GitHub works at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from galaxy_desktop.collect.graphql import TooMuchError

logger = logging.getLogger(__name__)

K = TypeVar("K")
Found = Mapping[str, Any]

MOST_FAILURES = 3
"""So many failures in a row, each at half the size, and GraphQL is left alone for this pass."""


def in_batches(
    keys: Sequence[K], size: int, ask: Callable[[Sequence[K]], Found]
) -> Iterator[tuple[tuple[K, ...], Found]]:
    """Every key once, in batches, each with what `ask` found about it: nothing where GitHub did not get it done.

    Args:
        keys: what to ask for, in this order.
        size: how many at once, at most.
        ask: asks for some of them; its `TooMuchError` halves the batch.
    """
    waiting, failures = list(keys), 0
    while waiting:
        batch = tuple(waiting[:size])
        try:
            found = ask(batch)
        except TooMuchError as error:
            failures += 1
            logger.info("GitHub did not finish a batch of %d: %s", len(batch), error)
            if failures == MOST_FAILURES or len(batch) == 1:
                yield tuple(waiting), {}
                return
            size = max(1, len(batch) // 2)
            continue
        failures = 0
        del waiting[: len(batch)]
        yield batch, found
