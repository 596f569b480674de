"""An outbox without a GitHub: keeps what was asked, in the order asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState, Comparison
from galaxy_desktop.domain.work import ItemKind, Label, Milestone, Person, Repository, State, WorkItem
from galaxy_desktop.errors import WrongUseError
from tests.ui.samples import NOW

ADA, BEN = Person(1, "ada"), Person(2, "ben")
PLACE = Repository(id=1, full_name="acme/api", url="https://github.com/acme/api")


def stored_item(number: int = 12, kind: ItemKind = ItemKind.ISSUE, **more: object) -> WorkItem:
    """An open item of acme/api with a label, an assignee and a milestone."""
    made = WorkItem(
        repository_id=1, repository="acme/api", number=number, kind=kind, title="Log in with a passkey", body="As a user…",
        state=State.OPEN, state_reason=None, author=ADA, assignees=(ADA,), labels=("bug",), milestone_number=3,
        created_at=NOW, updated_at=NOW, closed_at=None, url=f"https://github.com/acme/api/issues/{number}", observed_at=NOW,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def a_change(state: ChangeState = ChangeState.DRAFT, number: int = 1, **more: object) -> Change:
    """A change of labels, unless told otherwise."""
    made = Change(
        id=f"c{number}", kind=ChangeKind.LABELS, repository_id=1, repository="acme/api", item_number=12, base=("bug",),
        mine=("bug", "urgent"), who="user", created_at=NOW - timedelta(minutes=number), state=state,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def comparison(change: Change, **more: object) -> Comparison:
    """A change as GitHub would take it."""
    made = Comparison(change=change, theirs=change.base, merged=change.mine, lines=("  bug", "+ urgent"), seen_at=NOW)
    return replace(made, **more)  # type: ignore[arg-type]


@dataclass
class FakeOutbox:
    """The face of the outbox."""

    kept: list[Change] = field(default_factory=list)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    stored: WorkItem | None = field(default_factory=stored_item)
    places: tuple[Repository, ...] = (PLACE,)
    seen: dict[str, Comparison] = field(default_factory=dict)

    def changes(self) -> tuple[Change, ...]:
        return tuple(self.kept)

    def choices(self, full_name: str) -> tuple[tuple[Label, ...], tuple[Milestone, ...], tuple[Person, ...]]:
        labels = tuple(Label(repository_id=1, id=n, name=name) for n, name in enumerate(("bug", "docs", "urgent")))
        milestone = Milestone(
            repository_id=1, repository="acme/api", id=4, number=4, title="Checkout 2.0", description="", state=State.OPEN,
            due_on=None, created_at=NOW, updated_at=NOW, closed_at=None, url="https://github.com", observed_at=NOW,
        )  # fmt: skip
        return labels, (milestone,), (ADA, BEN)

    def item(self, evidence_id: str) -> WorkItem | None:
        self.calls.append(("item", evidence_id))
        return self.stored

    def repositories(self) -> tuple[Repository, ...]:
        return self.places

    async def draft(self, change: Change) -> Change:
        if change.kind is ChangeKind.COMMENT and "empty" in str(change.mine):
            raise WrongUseError("There is nothing to say in this comment.")
        self.kept.append(change)
        return change

    async def edit(self, change: Change) -> Change:
        self.calls.append(("edit", change.id, change.mine))
        return change

    async def discard(self, change_id: str) -> None:
        self.calls.append(("discard", change_id))
        self.kept = [c for c in self.kept if c.id != change_id]

    async def compare(self, change_ids: Sequence[str]) -> tuple[Comparison, ...]:
        self.calls.append(("compare", *change_ids))
        return tuple(self.seen.get(c.id) or comparison(c) for c in self.kept if c.id in change_ids)

    async def approve(self, seen: Sequence[Comparison]) -> None:
        self.calls.append(("approve", *(one.change.id for one in seen)))

    async def resolve(self, change_id: str, *, keep_mine: bool) -> None:
        self.calls.append(("resolve", change_id, keep_mine))

    async def retry(self, change_id: str) -> None:
        self.calls.append(("retry", change_id))
