"""The example for callers runs as it stands in the docs, and the figures there are those of the suite."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "grounding.md").read_text(encoding="utf-8")
CASES = Path(__file__).parent / "cases"


def test_the_example_for_callers_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(example, "docs/grounding.md", "exec"), {})  # noqa: S102 - our own docs


def test_the_numbers_of_cases_are_those_of_the_suite() -> None:
    found = [json.loads(line) for file in CASES.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
    unsupported = [case for case in found if case["verdict"] == "unsupported"]
    kinds = {case["group"] for case in unsupported}
    assert f"| unsupported sentences ({len(kinds)} kinds) | {len(unsupported)} | 0 shown |" in TEXT
    assert f"| supported sentences, as models word them | {len(found) - len(unsupported)} |" in TEXT
