"""The one gate before anything is written outside: a person's change and an agent's call pass it alike.

Showing, approving and doing are three steps. What is shown is noted in the very form shown; a person approves that
form and nothing else; for each act of an approved proposal the gate gives a permit that opens once. The adapter that
does the act asks the gate to use the permit up, so no path leads around it. An approval may be kept for as long as
the program is offline or not running: it holds for a digest, and a proposal that would now do something else, or that
was compared with something else, has another one.

Every decision is in the audit log: approved, edited, refused with or without a reason, expired. Issuing permits is not
a decision and is not audited.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

from galaxy_desktop.domain.permits import Approval, Permit, Proposal
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.errors import WrongUseError

PEOPLE = frozenset({"user"})
"""Who may approve: the person at this computer. An agent proposes."""
MOST_SHOWN = 1000
"""How many forms are remembered as shown; older ones must be shown again."""


class GateRefusedError(WrongUseError):
    """The gate stays shut: what was to be done is not what somebody approved."""


class Gate:
    """Knows what was shown, what a person decided, and which permits are open. Used on the event loop's thread.

    Only `spend` is called from other threads: it takes the permit out of the open ones in one atomic step.
    """

    def __init__(
        self,
        audit: Callable[[AuditEntry], Future[None]],
        clock: Callable[[], datetime],
        *,
        people: frozenset[str] = PEOPLE,
    ) -> None:
        """`audit` writes to a log that nobody can change."""
        self._audit = audit
        self._clock = clock
        self._people = people
        self._shown: dict[str, str] = {}
        self._open: dict[int, Permit] = {}
        self._serials = itertools.count(1)

    def show(self, proposal: Proposal) -> None:
        """A proposal is about to be shown like this; an earlier form of it can no longer be approved."""
        self._shown.pop(proposal.id, None)
        self._shown[proposal.id] = proposal.form
        while len(self._shown) > MOST_SHOWN:
            del self._shown[next(iter(self._shown))]

    async def approve(self, proposal: Proposal, by: str) -> Approval:
        """A person agrees to what was shown.

        Raises:
            GateRefusedError: it was not shown in this form, or `by` is not a person.
        """
        if by not in self._people:
            raise GateRefusedError(f"Only a person may approve what is sent, not {by!r}.")
        if self._shown.get(proposal.id) != proposal.form:
            raise GateRefusedError(f"{proposal.target} is not as it was shown any more. Look at it again.")
        approval = Approval(digest=proposal.digest, by=by, at=self._clock())
        await self._note(by, "approved", proposal, "\n".join(proposal.acts))
        del self._shown[proposal.id]
        return approval

    async def refuse(self, proposal: Proposal, by: str, reason: str = "") -> None:
        """It is not to be done; the reason, if there is one, is kept for whoever proposed it."""
        self._shown.pop(proposal.id, None)
        await self._note(by, "refused", proposal, reason)

    async def edited(self, proposal: Proposal, by: str) -> None:
        """It was worded anew: what was shown before can no longer be approved."""
        self._shown.pop(proposal.id, None)
        await self._note(by, "edited", proposal, "\n".join(proposal.acts))

    async def expire(self, proposal: Proposal, reason: str) -> None:
        """An approval no longer holds, because the world moved on."""
        self._shown.pop(proposal.id, None)
        await self._note("gate", "expired", proposal, reason)

    def permit(self, proposal: Proposal, approval: Approval, act: str) -> Permit:
        """The right to do one act of an approved proposal, once.

        Raises:
            GateRefusedError: the approval is for something else, or the act is not part of the proposal.
        """
        if approval.by not in self._people or approval.digest != proposal.digest:
            raise GateRefusedError(f"Nobody approved this for {proposal.target}. Look at it again.")
        if act not in proposal.acts:
            raise GateRefusedError(f"This is not part of what was approved for {proposal.target}.")
        permit = Permit(next(self._serials), act)
        self._open[permit.serial] = permit
        return permit

    def spend(self, permit: Permit, act: str) -> None:
        """Use a permit up for an act.

        Raises:
            GateRefusedError: the gate did not give this permit, it was used before, or it is for another act.
        """
        if self._open.pop(permit.serial, None) is not permit or permit.act != act:
            raise GateRefusedError("Nothing is sent without a permit of the gate.")

    def revoke(self, permit: Permit) -> None:
        """Take a permit back that was not used: a call that was given up must not write later."""
        self._open.pop(permit.serial, None)

    async def _note(self, by: str, what: str, proposal: Proposal, after: str) -> None:
        entry = AuditEntry(
            who=by,
            what=f"{proposal.what} {what}",
            target=proposal.target,
            before="\n".join(proposal.lines),
            after=after,
            at=self._clock(),
        )
        await asyncio.wrap_future(self._audit(entry))
