"""What a person may type for a repository."""

from __future__ import annotations

import pytest

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.names import repository_name


@pytest.mark.parametrize(
    "typed",
    ["o/r.js", " o/r.js ", "https://github.com/o/r.js", "https://github.com/o/r.js/", "https://github.com/o/r.js.git",
     "git@github.com:o/r.js.git", "https://github.com/o/r.js/issues/12"],
)  # fmt: skip
def test_names_and_addresses_are_understood(typed: str) -> None:
    assert repository_name(typed) == "o/r.js"


@pytest.mark.parametrize("typed", ["", "r", "/r", "o/", "o r/x", "https://github.com/o", "-o/r", "o/r?x=1"])
def test_anything_else_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(WrongUseError, match="owner/name"):
        repository_name(typed)
