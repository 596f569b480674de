"""The part of the store behind recommendations and alerts: verdicts, accepted actions, balloons, digests, mutes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from datetime import date, datetime

from galaxy_desktop.domain.attention import DigestReport, Mute
from galaxy_desktop.domain.findings import Alert, Decided, FollowUp, Risk, UserVerdict
from galaxy_desktop.store import advice, attention
from galaxy_desktop.store.desk import Desk


class AdviceDesk(Desk):
    """What `Store` offers for advice and attention."""

    # --- advice

    def give_verdict(self, verdict: UserVerdict) -> Future[None]:
        """Store what the user said of a recommendation; audited."""
        return self.write(lambda c: advice.give(c, verdict))

    def undo_verdict(self, recommendation_id: str, at: datetime) -> Future[bool]:
        """Take a verdict back; audited. Whether there was one."""
        return self.write(lambda c: advice.undo(c, recommendation_id, at))

    def decided(self) -> tuple[Decided, ...]:
        """The verdicts in force with their recommendations, newest first."""
        return self.read(advice.decided)

    def follow(self, found: Sequence[FollowUp]) -> Future[None]:
        """Begin to follow up accepted actions, or store what came of them."""
        return self.write(lambda c: advice.follow(c, found))

    def interventions(self, *, under_way: bool = False) -> tuple[FollowUp, ...]:
        """Everything that was ever accepted with what came of it, newest first; or only what is not settled."""
        return self.read(lambda c: advice.interventions(c, under_way=under_way))

    def past_advice(self) -> tuple[tuple[str, UserVerdict, bool | None], ...]:
        """Kind, verdict and whether it helped, oldest first: what the order of actions is learned from."""
        return self.read(advice.past_advice)

    def forget_learning(self, kind: str, at: datetime) -> Future[None]:
        """Verdicts on this kind of action so far no longer weigh; audited."""
        return self.write(lambda c: advice.forget_learning(c, kind, at))

    def course(self, before: datetime) -> dict[tuple[str, date], list[tuple[datetime, float]]]:
        """The probabilities said before a moment with the whole history read, by sprint and end, oldest first."""
        return self.read(lambda c: advice.course(c, before))

    # --- attention

    def raise_alerts(
        self, alerts: Sequence[Alert], said: Collection[tuple[str, date, float]] = (), at: datetime | None = None
    ) -> Future[tuple[Alert, ...]]:
        """Store the alerts whose id is unknown; the future has those. `said` are probabilities by sprint and end."""
        moment = at or max((one.at for one in alerts), default=None)
        if moment is None:
            return self.write(lambda _: ())
        return self.write(lambda c: advice.raise_alerts(c, alerts, said, moment))

    def show_balloon(self, alert_ids: Sequence[str], at: datetime) -> Future[bool]:
        """Note a balloon for these alerts; false when one of them was shown already."""
        return self.write(lambda c: attention.show(c, alert_ids, at))

    def silence(self, alert_ids: Sequence[str], at: datetime) -> Future[None]:
        """Note alerts as seen without a balloon."""
        return self.write(lambda c: attention.silence(c, alert_ids, at))

    def show_digest(
        self, day: date, report: DigestReport | None, alert_ids: Sequence[str], at: datetime
    ) -> Future[bool]:
        """Note the digest of a day; false when the day has one, `None` when there is nothing to tell."""
        return self.write(lambda c: attention.show_digest(c, day, report, alert_ids, at))

    def balloons_since(self, at: datetime) -> int:
        """How many balloons with alerts were shown since a moment."""
        return self.read(lambda c: attention.balloons_since(c, at))

    def last_digest_at(self) -> datetime | None:
        """When the last digest was due."""
        return self.read(attention.last_digest_at)

    def latest_digest(self) -> DigestReport | None:
        """The last digest that had something to tell."""
        return self.read(attention.latest_digest)

    def new_risks(self, since: datetime) -> tuple[Risk, ...]:
        """Risks first seen after a moment that are there still, the worst first."""
        return self.read(lambda c: attention.new_risks(c, since))

    def mute(self, one: Mute) -> Future[None]:
        """Say nothing of a subject from now on."""
        return self.write(lambda c: attention.mute(c, one))

    def unmute(self, subjects: Sequence[str]) -> Future[None]:
        """Speak of these again."""
        return self.write(lambda c: attention.unmute(c, subjects))

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """What is muted at a moment."""
        return self.read(lambda c: attention.mutes(c, now))
