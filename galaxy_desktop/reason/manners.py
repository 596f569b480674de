"""What a server of language models takes: begun with the most, taken back where it says no.

Servers that call themselves compatible differ in what they accept: a schema for the answer or only "JSON", the name of
the limit of tokens, a temperature, a count of tokens in a stream. Nobody can know beforehand, so the full request is
sent first, and a refusal that names a part takes that part back for this server. Pure: a refusal in, manners out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum


class Form(IntEnum):
    """How the shape of an answer is asked for, the strictest first."""

    SCHEMA = 0
    """A JSON schema that the server enforces."""
    OBJECT_WITH_SCHEMA = 1
    """The same in the words of llama.cpp's servers."""
    OBJECT = 2
    """Some JSON object."""
    NONE = 3
    """As the prompt asks for it."""


OPTIONAL = ("temperature", "seed", "stream_options")
REFUSALS = (400, 422, 500, 501)
MOST_LESSONS = 7
_FORM = re.compile(
    r"response_?format|json_?schema|json_?object|output_config|grammar|structured|schema|tool", re.IGNORECASE
)
_LIMIT = re.compile(r"max_completion_tokens")
_NAMED = re.compile(r"\b(temperature|seed|stream_options)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Manners:
    """How one server wants to be asked."""

    form: Form = Form.SCHEMA
    without: frozenset[str] = frozenset()
    """Parts of `OPTIONAL` that it does not take."""
    new_limit: bool = False
    """Whether the limit is called max_completion_tokens."""

    def learn(self, status: int, said: str, *, with_schema: bool) -> Manners | None:
        """What to try after a refusal; `None` when nothing is left that could be taken back.

        Args:
            status: of the answer.
            said: the server's words.
            with_schema: whether a shape was asked for.
        """
        if status not in REFUSALS:
            return None
        if not self.new_limit and _LIMIT.search(said):
            return replace(self, new_limit=True)
        named = {name.lower() for name in _NAMED.findall(said)} - self.without
        if named:
            return replace(self, without=self.without | named)
        can_step = with_schema and self.form is not Form.NONE
        if can_step and _FORM.search(said):
            return replace(self, form=Form(self.form + 1))
        if status >= 500:
            return None
        if can_step:
            return replace(self, form=Form(self.form + 1))
        left = frozenset(OPTIONAL) - self.without
        return replace(self, without=self.without | left) if left else None
