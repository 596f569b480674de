"""A desk for signing in without a GitHub: the test says when the code was typed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from galaxy_desktop.domain.sign_in import Ability, DeviceCode, PermissionResult
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError
from tests.ui.fakes import Answer
from tests.ui.samples import NOW

CODE = DeviceCode(
    user_code="WDJB-MJHT", verification_url="https://github.com/login/device", expires_at=NOW + timedelta(minutes=15),
    interval_s=5, device_code="secret-device-code",
)  # fmt: skip
RESULTS = (
    PermissionResult(feature="Reads issues", permission="Issues: read", ability=Ability.YES, sentence=""),
    PermissionResult(
        feature="Reads boards", permission="Projects: read", ability=Ability.NO, sentence="Add Projects: read.", needed=False
    ),
)  # fmt: skip


@dataclass
class FakeSignIn:
    """The face of the desk; `typed` is set by the test."""

    ready: bool = True
    calls: list[str] = field(default_factory=list)
    typed: asyncio.Event = field(default_factory=asyncio.Event)
    problem: Exception | None = None
    results: tuple[PermissionResult, ...] = RESULTS

    def device_flow_ready(self) -> bool:
        return self.ready

    async def begin(self) -> DeviceCode:
        self.calls.append("begin")
        if self.problem is not None:
            raise self.problem
        return CODE

    async def finish(self, code: DeviceCode, stop: StopFlag) -> Answer:
        while not self.typed.is_set():
            if stop.is_set():
                self.calls.append("stopped")
                raise CancelledByUserError("Stopped.")
            await asyncio.sleep(0.001)
        self.calls.append("finished")
        return Answer(True, "ada", "Signed in as ada.")

    async def sign_out(self) -> None:
        self.calls.append("sign_out")

    async def permissions(self, token: str | None = None) -> tuple[PermissionResult, ...]:
        self.calls.append("permissions")
        if self.problem is not None:
            raise self.problem
        return self.results
