"""Nothing is written outside without a permit, and a permit is for what a person saw."""

from __future__ import annotations

import ast
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import galaxy_desktop
from galaxy_desktop.domain.permits import Approval, Permit, Proposal
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.services.gate import MOST_SHOWN, Gate, GateRefusedError

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
CALL = Proposal(
    id="1",
    who="dev",
    what="tool call",
    target="o/r#7",
    acts=('close {"number": 7}', 'comment {"text": "done"}'),
    basis='"open"',
    lines=("- open", "+ closed"),
    reversible=True,
)


class Log:
    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def __call__(self, entry: AuditEntry) -> Future[None]:
        self.entries.append(entry)
        done: Future[None] = Future()
        done.set_result(None)
        return done


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def gate(log: Log) -> Gate:
    return Gate(log, lambda: NOW)


async def approved(gate: Gate, proposal: Proposal = CALL) -> Approval:
    gate.show(proposal)
    return await gate.approve(proposal, "user")


async def test_what_was_shown_and_approved_gets_a_permit_for_each_act(gate: Gate) -> None:
    approval = await approved(gate)
    for act in CALL.acts:
        gate.spend(gate.permit(CALL, approval, act), act)


async def test_what_was_not_shown_cannot_be_approved(gate: Gate) -> None:
    with pytest.raises(GateRefusedError, match="Look at it again"):
        await gate.approve(CALL, "user")


@pytest.mark.parametrize(
    "other",
    [
        replace(CALL, lines=("- open", "+ closed", "  and more")),
        replace(CALL, acts=CALL.acts[:1]),
        replace(CALL, basis='"closed"'),
        replace(CALL, target="o/r#8"),
        replace(CALL, reversible=False),
        replace(CALL, who="user"),
    ],
)
async def test_only_the_very_form_shown_can_be_approved(gate: Gate, other: Proposal) -> None:
    gate.show(CALL)
    with pytest.raises(GateRefusedError):
        await gate.approve(other, "user")


async def test_showing_it_anew_ends_the_earlier_form(gate: Gate) -> None:
    gate.show(CALL)
    gate.show(replace(CALL, basis='"closed"'))
    with pytest.raises(GateRefusedError):
        await gate.approve(CALL, "user")


async def test_an_agent_cannot_approve(gate: Gate) -> None:
    gate.show(CALL)
    with pytest.raises(GateRefusedError, match="Only a person"):
        await gate.approve(CALL, "dev")
    with pytest.raises(GateRefusedError):
        gate.permit(CALL, Approval(digest=CALL.digest, by="dev", at=NOW), CALL.acts[0])


async def test_an_approval_holds_for_nothing_else(gate: Gate) -> None:
    approval = await approved(gate)
    with pytest.raises(GateRefusedError, match="Nobody approved this"):
        gate.permit(replace(CALL, basis='"closed"'), approval, CALL.acts[0])
    with pytest.raises(GateRefusedError, match="not part of what was approved"):
        gate.permit(CALL, approval, "delete everything")


async def test_an_approval_outlives_the_program_and_a_rename(gate: Gate, log: Log) -> None:
    approval = await approved(gate)
    later = replace(CALL, target="new/name#7", lines=("worded anew",))
    assert Gate(log, lambda: NOW).permit(later, approval, CALL.acts[0])


async def test_a_permit_opens_once(gate: Gate) -> None:
    act = CALL.acts[0]
    permit = gate.permit(CALL, await approved(gate), act)
    gate.spend(permit, act)
    with pytest.raises(GateRefusedError, match="permit of the gate"):
        gate.spend(permit, act)


async def test_a_permit_is_for_one_act_of_this_gate(gate: Gate, log: Log) -> None:
    approval = await approved(gate)
    permit = gate.permit(CALL, approval, CALL.acts[0])
    with pytest.raises(GateRefusedError):
        gate.spend(Permit(permit.serial, permit.act), permit.act)
    with pytest.raises(GateRefusedError):
        gate.spend(gate.permit(CALL, approval, CALL.acts[0]), CALL.acts[1])
    with pytest.raises(GateRefusedError):
        Gate(log, lambda: NOW).spend(gate.permit(CALL, approval, CALL.acts[0]), CALL.acts[0])


async def test_a_permit_taken_back_opens_nothing(gate: Gate) -> None:
    permit = gate.permit(CALL, await approved(gate), CALL.acts[0])
    gate.revoke(permit)
    with pytest.raises(GateRefusedError):
        gate.spend(permit, permit.act)


async def test_every_decision_is_in_the_log_with_its_reason(gate: Gate, log: Log) -> None:
    await approved(gate)
    await gate.refuse(CALL, "user", "not now")
    await gate.edited(CALL, "user")
    await gate.expire(CALL, "it was closed meanwhile")
    assert [(e.who, e.what, e.target) for e in log.entries] == [
        ("user", "tool call approved", "o/r#7"),
        ("user", "tool call refused", "o/r#7"),
        ("user", "tool call edited", "o/r#7"),
        ("gate", "tool call expired", "o/r#7"),
    ]
    assert log.entries[0].before == "- open\n+ closed"
    assert log.entries[0].after == "\n".join(CALL.acts)
    assert [log.entries[1].after, log.entries[3].after] == ["not now", "it was closed meanwhile"]


async def test_what_was_refused_must_be_shown_again(gate: Gate) -> None:
    gate.show(CALL)
    await gate.refuse(CALL, "user")
    with pytest.raises(GateRefusedError):
        await gate.approve(CALL, "user")


async def test_a_thousand_forms_are_remembered_and_no_more(gate: Gate) -> None:
    for number in range(MOST_SHOWN + 1):
        gate.show(replace(CALL, id=str(number)))
    with pytest.raises(GateRefusedError):
        await gate.approve(replace(CALL, id="0"), "user")
    assert await gate.approve(replace(CALL, id="1"), "user")


def calls(tree: ast.AST) -> set[str]:
    """Names of what is called: functions, classes, methods."""
    found = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {f.id if isinstance(f, ast.Name) else f.attr for f in found if isinstance(f, ast.Name | ast.Attribute)}


def test_permits_are_made_in_the_gate_and_writes_are_made_with_them() -> None:
    root = Path(galaxy_desktop.__file__).parent
    sources = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
    makers = {name for name, text in sources.items() if "Permit" in calls(ast.parse(text))}
    senders = {name for name, text in sources.items() if "perform" in calls(ast.parse(text))}
    writers = {
        name
        for name, text in sources.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "send"
        and len(node.args) > 1
    }
    assert makers == {"services/gate.py"}
    assert senders == {"services/outbox_sending.py"}
    assert writers == {"collect/writing.py"}
