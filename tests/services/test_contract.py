"""The headless contract: our schema is generated from the records, shipped, and agrees with what is printed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from galaxy_desktop.domain.past_sprints import SimilarSprint, SimilarSprints
from galaxy_desktop.paths import resources_folder
from galaxy_desktop.services import contract, demo, pipeline
from tests.services.conftest import DemoSnapshot

SHARED = Path(__file__).resolve().parents[3] / "shared" / "check" / contract.SCHEMA_FILE


def test_the_shipped_schema_is_the_generated_one() -> None:
    shipped = (resources_folder() / contract.SCHEMA_FILE).read_text(encoding="utf-8")
    assert shipped == contract.schema()


@pytest.mark.parametrize("name", demo.SCENARIOS)
def test_what_is_printed_satisfies_the_schema(demo_snapshot: DemoSnapshot, now: datetime, name: str) -> None:
    printed = json.loads(contract.to_json(pipeline.think(demo_snapshot(name, now), (), now)))
    jsonschema.Draft202012Validator(json.loads(contract.schema())).validate(printed)


@pytest.mark.skipif(not SHARED.exists(), reason="the reference schema in ../shared is missing")
@pytest.mark.parametrize("name", demo.SCENARIOS)
def test_what_is_printed_satisfies_the_reference_schema(demo_snapshot: DemoSnapshot, now: datetime, name: str) -> None:
    printed = json.loads(contract.to_json(pipeline.think(demo_snapshot(name, now), (), now)))
    jsonschema.Draft202012Validator(json.loads(SHARED.read_text(encoding="utf-8"))).validate(printed)


@pytest.mark.skipif(not SHARED.exists(), reason="the reference schema in ../shared is missing")
def test_all_that_the_reference_requires_is_required_by_ours() -> None:
    reference, ours = json.loads(SHARED.read_text(encoding="utf-8")), json.loads(contract.schema())
    assert _missing(reference, ours, reference, ours, "analysis") == []


def _missing(reference: Any, ours: Any, reference_root: Any, our_root: Any, at: str) -> list[str]:
    """Required keys and enum values of the reference that ours does not have, by walking both."""
    reference, ours = _resolved(reference, reference_root), _resolved(ours, our_root)
    lacking = [f"{at}.{key}" for key in reference.get("required", ()) if key not in ours.get("required", ())]
    if "enum" in reference and "enum" in ours:
        lacking += [f"{at}: {value!r} is no value" for value in ours["enum"] if value not in reference["enum"]]
    for key, value in reference.get("properties", {}).items():
        if key in ours.get("properties", {}):
            lacking += _missing(value, ours["properties"][key], reference_root, our_root, f"{at}.{key}")
    if "items" in reference and "items" in ours:
        lacking += _missing(reference["items"], ours["items"], reference_root, our_root, f"{at}[]")
    return lacking


def _resolved(node: Any, root: Any) -> Any:
    for variant in node.get("anyOf", ()):
        if variant.get("type") != "null":
            node = {**variant}
    if "$ref" in node:
        for part in node["$ref"].removeprefix("#/").split("/"):
            root = root[part]
        return root
    return node


def test_delays_and_similar_sprints_are_printed_as_they_were_found(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    analysis = pipeline.think(demo_snapshot("slipping", now), (), now)
    near = SimilarSprint(
        sprint_id="sprint-1", title="Sprint 1", ended_on=now.date(), distance=0.5, landed=True, delivered_share=1.0,
        days_late=None, removed=1, end_moved=2, accepted=3, evidence=(),
    )  # fmt: skip
    found = SimilarSprints(sprints=(near,), compared=9, adds=False, sentence="It adds nothing.", brier=0.2)
    sprint = replace(analysis.sprints[0], similar=found)
    printed = json.loads(contract.to_json(replace(analysis, sprints=(sprint,))))
    jsonschema.Draft202012Validator(json.loads(contract.schema())).validate(printed)
    told = printed["sprints"][0]
    assert [(d["item"], d["probability"]) for d in told["delays"]] == [
        (d.item_id, d.probability) for d in sprint.delays
    ]
    assert told["delays"][0]["reasons"][0]["text"] == sprint.delays[0].reasons[0].text
    assert told["similar"]["sprints"][0]["sprint"] == "sprint-1"
    assert (told["similar"]["adds"], told["similar"]["brier"], told["similar"]["error"]) == (False, 0.2, None)
