"""The local model: one thread owns llama.cpp, from loading the weights to freeing them.

llama.cpp is neither reentrant nor glad to be called from many threads, and it needs every core it can get; so
requests queue for one lane. The caller blocks (it is a worker itself) and looks every twentieth of a second whether
somebody wants it to stop. A stop reaches llama.cpp at any stage: in the queue, while a process of its own tries the
file, while weights load, while the prompt is evaluated, and between two tokens.

Requests have classes (`turns`): a question interrupts background writing in the middle of a token, and that goes on
afterwards where it was. Whoever watches the machine may hold the lower classes back for a while, or let the weights go.

When nobody wants anything the lane does its chores: it keeps evaluated prompts on the disk, tries out threads (once a
machine), and after some minutes gives the memory back. Every request interrupts a chore.

The weights load with the first request, not before: facts mode and the first window never pay for them. How they stand
(loading and how far, ready and where, failed and why, freed) is told to one listener. A person may stop the loading,
and then nobody loads them before a person asks for it.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from galaxy_desktop.domain.inference import Priority, Stage, StageKind, StopReason
from galaxy_desktop.domain.models import EngineState, Standing
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason import native, soundness
from galaxy_desktop.reason.chores import Chore, Habits, Idling, due
from galaxy_desktop.reason.engine import Deadline, Generation, OnStage, OnToken, Prompt, Schema
from galaxy_desktop.reason.native import AbortFlag, InterruptedByAbortError
from galaxy_desktop.reason.offload import Offload
from galaxy_desktop.reason.seat import Options, Seat, SeatHooks, take_seat
from galaxy_desktop.reason.sessions import forget_all
from galaxy_desktop.reason.soundness import Probation
from galaxy_desktop.reason.turns import Turn, Turns
from galaxy_desktop.reason.writing import Writing

logger = logging.getLogger(__name__)

CONTEXT_TOKENS = 4096
LOOK_S = 0.05
CLOSING_S = 0.5
"""How long keeping sessions may hold up the end of the program."""
NEVER = threading.Event()
BUG = "The model could not be loaded because of a fault of the program; the log has the details."
CALM = 0.4
"""A machine is calm when it uses less of its processor than this."""

STOPPED = "The loading of the model was stopped. To load it, open the Models page (M) and choose Load."
TakeSeat = Callable[[Path, str, Options, AbortFlag, SeatHooks], Seat]
OnStanding = Callable[[Standing], None]


@dataclass(eq=False, slots=True)
class _Request:
    """One call that waits for the lane, and the promise of its answer; either a text or some short work."""

    stop: StopFlag
    writing: Writing | None = None
    work: Callable[[Seat], Any] | None = None
    on_token: OnToken | None = None
    on_stage: OnStage | None = None
    answer: Future[Any] = field(default_factory=Future)
    over: bool = False
    since: float = 0.0
    waited_s: float = 0.0
    worked_s: float = 0.0

    @property
    def unwanted(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self.over or self.stop.is_set()

    def tell(self, kind: StageKind, share: float | None = None, why: str = "") -> None:
        """Let the caller know what is done for it."""
        if self.on_stage is not None:
            self.on_stage(Stage(kind, share, why))

    def end(self, error: BaseException | None, result: Any = None) -> None:
        """Let go of the model and answer, once."""
        if self.writing is not None:
            self.writing.finish()
        if not self.answer.done():
            if error is not None:
                self.answer.set_exception(error)
            else:
                self.answer.set_result(result)


class LlamaEngine:
    """Generates text with the weights in one GGUF file; safe to call from any thread."""

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        context_tokens: int = CONTEXT_TOKENS,
        threads: int | None = None,
        free_memory: Callable[[], int] | None = None,
        options: Options | None = None,
        probation: Probation | None = None,
        take: TakeSeat = take_seat,
        clock: Callable[[], float] = time.monotonic,
        calm: Callable[[], bool] | None = None,
        on_standing: OnStanding = lambda _: None,
        before_loading: Callable[[], None] = lambda: None,
    ) -> None:
        """Nothing is loaded yet. `probation` tries files before they are loaded; without it they are trusted.

        `on_standing` hears on the lane's thread how the weights stand; `before_loading` is called there before they are
        loaded, and may block until those of another engine are freed.
        """
        self._path = path
        self._name = name
        self._options = options or Options(context_tokens=context_tokens, threads=threads)
        self._free_memory = free_memory or _free_memory
        self._probation = probation
        self._take = take
        self._clock = clock
        self._calm = calm or _is_calm
        self._habits = Habits(quiet_s=self._options.quiet_s, idle_s=self._options.idle_s)
        self._abort = AbortFlag()
        self._wake = threading.Condition()
        self._turns: Turns[_Request] = Turns()
        self._running: Turn[_Request] | None = None
        self._uninterruptible = False
        self._at_chores = False
        self._at_least: int = Priority.BACKGROUND
        self._held_because = ""
        self._unload = self._forget = self._closed = False
        self._on_standing = on_standing
        self._before_loading = before_loading
        self._refused = self._without_gpu = False
        self._seat: Seat | None = None
        self._thread: threading.Thread | None = None
        self._used = self._looked = clock()
        self.load_seconds: float | None = None

    @property
    def name(self) -> str:
        """The model's name in the catalog."""
        return self._name

    @property
    def loaded(self) -> bool:
        """Whether the weights are in memory."""
        return self._seat is not None

    @property
    def speed(self) -> float | None:
        """Tokens a second that were measured here, `None` before that."""
        seat = self._seat
        return seat.plan.write_speed if seat is not None and seat.plan.measured else None

    def generate(
        self,
        prompt: Prompt,
        *,
        schema: Schema | None = None,
        max_tokens: int = 256,
        stop: StopFlag = NEVER,
        on_token: OnToken | None = None,
        on_stage: OnStage | None = None,
        priority: Priority = Priority.BACKGROUND,
    ) -> Generation:
        """Write an answer to the prompt, constrained to the JSON texts of `schema` when one is given."""
        writing = Writing(prompt, schema, max_tokens)
        request = _Request(stop, writing=writing, on_token=on_token, on_stage=on_stage)
        written: Generation = self._ask(request, priority)
        return written

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs; loads the weights when they are not in memory yet."""
        request = _Request(NEVER, work=lambda seat: len(seat.weights.tokens(text)))
        counted: int = self._ask(request, Priority.QUESTION)
        return counted

    def hold(self, below: int, why: str) -> None:
        """Let no class below this one have the model until `release`; `why` is a sentence for those who wait."""
        with self._wake:
            self._at_least, self._held_because = below, why
            self._interrupt()
            waiting = [turn.work for turn in self._turns if turn.priority < below]
        for request in waiting:
            request.tell(StageKind.PAUSED, why=why)

    def release(self) -> None:
        """Let all classes have the model again."""
        with self._wake:
            self._at_least, self._held_because = Priority.BACKGROUND, ""
            self._wake.notify_all()

    def unload(self) -> None:
        """Free the weights as soon as nobody who may run needs them; the next request loads them again."""
        with self._wake:
            self._unload = True
            self._interrupt()
            self._wake.notify_all()

    def forget(self) -> None:
        """Forget every prompt that was read, in memory and on the disk."""
        with self._wake:
            self._forget = True
            self._wake.notify_all()
        if self._options.sessions is not None:
            forget_all(self._options.sessions)

    def load(self) -> None:
        """Load the weights soon, without waiting for it, also after somebody stopped their loading."""
        with self._wake:
            self._refused = False
        self._enqueue(_Request(NEVER, work=lambda _: None), Priority.QUESTION)

    def stop_loading(self) -> None:
        """End the loading, if it is under way, and load nothing more before `load` is called."""
        with self._wake:
            if self._seat is not None:
                return
            self._refused, loads = True, self._uninterruptible
            if loads:
                self._abort.set()
        if not loads:
            self._stand(EngineState.STOPPED)

    def begin_to_close(self) -> None:
        """Abort what runs and refuse what waits, without waiting for it; `close` joins."""
        with self._wake:
            self._closed = True
            self._abort.set()
            self._wake.notify_all()

    def close(self) -> None:
        """Abort what runs, refuse what waits, free the weights and join the thread; may be called twice."""
        self.begin_to_close()
        with self._wake:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    # --- the caller's side

    def _ask(self, request: _Request, priority: Priority) -> Any:
        """Queue a request, and wait for its answer or for somebody to stop it."""
        turn = self._enqueue(request, priority)
        while not request.stop.is_set():
            try:
                return request.answer.result(timeout=LOOK_S)
            except NotYetError:
                if request.answer.done():
                    raise
        with self._wake:
            request.over = True
            if running := self._running is turn:
                self._abort.set()
            self._wake.notify_all()
        if running:
            request.answer.exception()
        raise CancelledByUserError

    def _enqueue(self, request: _Request, priority: Priority) -> Turn[_Request]:
        request.since = self._clock()
        with self._wake:
            if self._closed:
                raise ModelError("The model was shut down.")
            turn = self._turns.add(request, priority)
            if self._thread is None:
                self._thread = threading.Thread(target=self._own, name=f"model-{self._name}", daemon=False)
                self._thread.start()
            if waits := self._running is not None or priority < self._at_least:
                self._interrupt()
            if self._at_chores:
                self._abort.set()
            self._wake.notify_all()
        if waits:
            held = priority < self._at_least
            request.tell(StageKind.PAUSED if held else StageKind.QUEUED, why=self._held_because)
        return turn

    def _interrupt(self) -> None:
        """Abort what runs when it has to make way; the lock is held."""
        running = self._running
        if running is not None and not self._uninterruptible and self._turns.interrupts(running, self._at_least):
            self._abort.set()

    # --- the lane's side

    def _own(self) -> None:
        """The thread: take up one request after the other, load at the first, free at the end."""
        while (turn := self._next()) is not None:
            self._serve(turn)
            with self._wake:
                self._running = None
            self._used = self._clock()
        self._end()

    def _next(self) -> Turn[_Request] | None:
        """The turn that comes next; sleeps or does chores while there is none, `None` at the end."""
        while True:
            with self._wake:
                over = self._turns.drop(lambda request: request.unwanted)
                turn = None if self._closed else self._turns.take(self._at_least)
                forget, self._forget = self._forget, False
                unload, self._unload = self._unload and turn is None, self._unload and turn is not None
                if turn is not None:
                    self._running = turn
                    self._abort.clear()
            for request in over:
                request.end(CancelledByUserError())
            if forget and self._seat is not None:
                self._seat.forget()
            if unload:
                self._let_go()
            if turn is not None or self._closed:
                return turn
            self._idle()

    def _serve(self, turn: Turn[_Request]) -> None:
        """Work for one request until it is done or has to make way."""
        request, begun = turn.work, self._clock()
        request.waited_s += begun - request.since
        if isinstance(request.stop, Deadline):
            request.stop.go_on()
        try:
            if request.work is not None:
                request.end(None, request.work(self._take_seat(request)))
                return
            self._write(turn, self._take_seat(request))
        except InterruptedByAbortError:
            request.worked_s += self._clock() - begun
            self._put_back(turn)
        except native.EvaluationError as error:
            self._fall_back(turn, error)
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the one who asked
            request.end(error)
        else:
            request.worked_s += self._clock() - begun
            request.end(None, self._generation(request))

    def _write(self, turn: Turn[_Request], seat: Seat) -> None:
        request, writing = turn.work, turn.work.writing
        if writing is None:
            return
        seat.settle_in()
        try:
            begun, before = time.perf_counter(), (writing.tokens_read, writing.tokens_out)
            for _ in writing.advance(seat.desk, lambda share: request.tell(StageKind.READING, share)):
                now, done = time.perf_counter(), (writing.tokens_read, writing.tokens_out)
                wrote = done[1] > before[1]
                seat.note(wrote=wrote, tokens=done[wrote] - before[wrote], seconds=now - begun)
                begun, before = now, done
                turn.step()
                self._send(request, writing)
                if self._has_to_leave(turn):
                    raise InterruptedByAbortError
        finally:
            self._send(request, writing)

    @staticmethod
    def _send(request: _Request, writing: Writing) -> None:
        fresh = writing.unheard()
        if fresh and request.on_token is not None:
            request.on_token(fresh)

    def _has_to_leave(self, turn: Turn[_Request]) -> bool:
        with self._wake:
            return self._closed or turn.work.unwanted or self._turns.interrupts(turn, self._at_least)

    def _put_back(self, turn: Turn[_Request]) -> None:
        """An interrupted request waits for its next turn, unless nobody wants it any more."""
        request = turn.work
        with self._wake:
            over = self._closed or request.unwanted
            if not over:
                request.since = self._clock()
                if isinstance(request.stop, Deadline):
                    request.stop.stand_still()
                self._turns.add_again(turn)
        if over:
            request.end(CancelledByUserError())
            return
        if request.writing is not None:
            request.writing.leave()
        request.tell(StageKind.PAUSED, why=self._held_because)

    def _fall_back(self, turn: Turn[_Request], error: ModelError) -> None:
        """What fails on a graphics processor goes on with the processor, and so does everything after it."""
        seat = self._seat
        if seat is None or not seat.gpu_layers:
            turn.work.end(error)
            return
        logger.info("%s failed in the middle: %s", seat.found.used.words, error)
        self._without_gpu = True
        self._put_back(turn)
        self._let_go()

    def _generation(self, request: _Request) -> Generation:
        """What comes of a finished text, with everything that is needed to make it again."""
        writing, seat = request.writing, self._seat
        if writing is None or seat is None or writing.stop_reason is None:
            raise ModelError("The model ended before its text did. Try again.")
        parameters: dict[str, int | float | str] = {
            "sampling": "greedy", "max_tokens": writing.max_tokens, "context_tokens": seat.weights.context_tokens,
            "write_threads": seat.plan.write_threads, "read_threads": seat.plan.read_threads,
            "at_once": seat.plan.at_once, "gpu_layers": seat.gpu_layers, "engine": native.version(),
            "prompt_version": writing.prompt.version,
        }  # fmt: skip
        return Generation(
            text=writing.text,
            tokens_in=writing.tokens_in,
            tokens_out=writing.tokens_out,
            seconds=request.worked_s,
            complete=writing.stop_reason is StopReason.ENDED,
            tokens_reused=max(0, writing.tokens_in - writing.tokens_read),
            parameters=MappingProxyType(parameters),
            model=seat.identity,
            stop_reason=writing.stop_reason,
            queued_s=request.waited_s,
        )

    def _take_seat(self, request: _Request) -> Seat:
        """The loaded weights; loads them, after the checks that can explain themselves in a sentence."""
        if self._seat is not None:
            return self._seat
        begun = self._clock()
        with self._wake:
            refused, self._uninterruptible = self._refused, not self._refused
        if refused:
            raise ModelError(STOPPED)
        request.tell(StageKind.LOADING)
        self._stand(EngineState.LOADING)
        try:
            self._before_loading()
            self._seat = self._load(request.on_stage or (lambda _: None))
        except CancelledByUserError:
            self._stand(EngineState.STOPPED if self._refused else EngineState.FREED)
            if not self._refused:
                raise
            raise ModelError(STOPPED) from None
        except ModelError as error:
            self._stand(EngineState.FAILED, sentence=str(error))
            raise
        except BaseException:
            self._stand(EngineState.FAILED, sentence=BUG)
            raise
        finally:
            with self._wake:
                self._uninterruptible = False
        self.load_seconds = self._clock() - begun
        logger.info("loaded %s in %.1f s onto %s", self._name, self.load_seconds, self._seat.found.used.words)
        self._stand_ready(self._seat)
        return self._seat

    def _load(self, tell: OnStage) -> Seat:
        """Load the weights, after the checks that can explain themselves in a sentence."""
        percent = [-1]

        def hear(stage: Stage) -> None:
            share = round((stage.share or 0.0) * 100)
            if share != percent[0]:
                percent[0] = share
                self._stand(EngineState.LOADING, share=stage.share)
            tell(stage)

        soundness.check_file(self._path, self._name, self._free_memory(), self._options.context_tokens)
        identity = soundness.identity(self._path)
        if self._probation is not None:
            self._probation.pass_or_raise(self._path, native.version(), self._abort)
        options = replace(self._options, gpu=False) if self._without_gpu else self._options
        return self._take(self._path, identity, options, self._abort, SeatHooks(hear, self._passes_there))

    def _passes_there(self, place: Offload) -> bool:
        """Whether another process could load the weights onto a graphics processor."""
        probation = self._probation
        return probation is None or probation.passes_there(self._path, native.version(), place, self._abort)

    def _stand(self, state: EngineState, *, share: float | None = None, place: str = "", sentence: str = "") -> None:
        if not self._closed:
            self._on_standing(Standing(name=self._name, state=state, share=share, place=place, sentence=sentence))

    def _stand_ready(self, seat: Seat) -> None:
        self._stand(EngineState.READY, place=seat.found.used.words, sentence=seat.found.why)

    # --- chores

    def _idle(self) -> None:
        """Do the chore that is due, or sleep until there may be one or somebody comes."""
        with self._wake:
            if self._closed or self._forget or self._unload or self._turns.ready(self._at_least):
                return
            chore = due(self._idling(), self._habits)
            if not isinstance(chore, Chore):
                self._wake.wait(chore)
                return
            self._at_chores = True
            self._abort.clear()
        try:
            self._do(chore)
        except (InterruptedByAbortError, CancelledByUserError):
            logger.debug("a chore made way for somebody; it is due again later")
        except Exception:
            logger.exception("a chore of the model failed")
            self._let_go()
        finally:
            with self._wake:
                self._at_chores = False

    def _idling(self) -> Idling:
        seat, now = self._seat, self._clock()
        lane = Idling(idle_s=now - self._used, loaded=seat is not None, held=self._at_least > Priority.BACKGROUND)
        if seat is None:
            return lane
        looked_s = now - self._looked
        lane = replace(lane, unsaved=seat.unsaved, measured=seat.measured, looked_s=looked_s, calm=False)
        return replace(lane, calm=self._calm()) if not seat.measured else lane

    def _do(self, chore: Chore) -> None:
        if self._seat is None:
            return
        if chore is Chore.SAVE:
            self._seat.save(lambda: not self._abort.is_set())
        elif chore is Chore.MEASURE:
            self._looked = self._clock()
            self._seat.measure()
            if self._seat.should_move:
                self._move()
        else:
            self._let_go()

    def _move(self) -> None:
        """Load the weights at the other place, the processor or the graphics processor: `take_seat` knows which is next."""
        self._let_go()
        self._seat = self._load(lambda _: None)
        self._stand_ready(self._seat)

    def _let_go(self) -> None:
        """Free the weights; texts that wait are read again when they go on."""
        seat, self._seat = self._seat, None
        if seat is None:
            return
        for turn in self._turns:
            if turn.work.writing is not None:
                turn.work.writing.stand_up()
        seat.close()
        logger.info("freed %s", self._name)
        self._stand(EngineState.FREED)

    def _end(self) -> None:
        """Refuse what waits, keep what can be kept in a moment, free the weights."""
        with self._wake:
            waiting = self._turns.drop(lambda _: True)
        for request in waiting:
            request.end(CancelledByUserError())
        if self._seat is not None:
            until = time.monotonic() + CLOSING_S
            self._seat.save(lambda: time.monotonic() < until)
            self._let_go()


def _free_memory() -> int:
    psutil: Any = importlib.import_module("psutil")
    return int(psutil.virtual_memory().available)


def _is_calm() -> bool:
    """Whether the processor had little to do since this was last asked."""
    psutil: Any = importlib.import_module("psutil")
    return bool(psutil.cpu_percent(interval=None) < CALM * 100)
