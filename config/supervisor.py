"""Keeps child processes running: starts them in order, restarts the dead, stops them in the opposite order."""

from __future__ import annotations

import errno
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, NoReturn, Self

from .embedded.account import Account
from .lifeline import tie
from .places import Refusal, cannot_write

FIRST_DELAY_S = 0.3
LONGEST_DELAY_S = 10.0
LONG_LIFE_S = 30.0  # whoever lived this long starts with a short delay again
IMPATIENCE_S = 1.0  # two requests within it are one: make may pass on what we were sent as well
LOG_LIMIT_BYTES = 10 * 1024 * 1024
_POLL_S = 0.03
_FULL = os.strerror(errno.ENOSPC)
_ERROR = re.compile(r"\b(FATAL|PANIC|\w*[Ee]rror):")


@dataclass(frozen=True)
class Child:
    """One process under supervision, as data."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = (
        signal.SIGKILL
    )  # what the kernel sends it when the supervisor is killed
    stop_turn: int = 9  # lower turns stop first; all of one turn stop together
    grace_s: float = 5.0  # between the stop signal and SIGKILL
    ready: Callable[[int], bool] | None = None  # told the process number; None: ready once started
    ready_within_s: float = 60.0
    account: Account | None = None
    descriptors: tuple[int, ...] = ()
    shows: bool = False  # speaks to the terminal instead of its log


class Stop(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, SIGHUP)."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY_S
    due: float = 0.0
    settled: bool = (
        False  # was ready once: from now on its death is repaired, not reported as a failed start
    )


@dataclass
class Supervisor:
    """Use as a context manager in the main thread: leaving it, however, stops every child.

    The kernel ties a child to the thread that forked it, and only the main thread is sure to live as long as we do.
    """

    logs: Path
    say: Callable[[str], None]
    lock: int | None = None  # every child inherits it: config.stack.lock
    _running: list[_Running] = field(default_factory=list, init=False)
    _log_starts: dict[str, int] = field(default_factory=dict, init=False)
    _asked: int = field(default=0, init=False)  # the first signal that asked us to stop
    _asked_at: float = field(default=0.0, init=False)
    _hurry: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        self._ears, mouth = os.pipe()
        self._mouth = mouth
        for end in (self._ears, mouth):
            os.set_blocking(end, False)
        self._old_wakeup = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        self._old_handlers = {number: signal.signal(number, self._heard) for number in _signals()}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_wakeup)
        os.close(self._ears)
        os.close(self._mouth)

    def start(self, *children: Child) -> None:
        """Start the children together and return once all are ready.

        Raises Refusal with the last line of its log when one ends before that or takes too long.
        """
        begun = [_Running(child) for child in children]
        for one in begun:
            self._running.append(one)
            self._spawn(one)
        while not all(self._settle(one) for one in begun):
            self.tend(_POLL_S)

    def run(self, child: Child) -> int:
        """Run one command to its end while the others are tended; its exit status, or minus the signal's number."""
        with self._one_shot(child) as process:
            while (status := process.poll()) is None:
                self.tend(1.0)
        return status

    def watch(self) -> NoReturn:
        """Tend the children until somebody asks us to stop (then raises Stop)."""
        while True:
            self.tend(60.0)

    def tend(self, at_most_s: float) -> None:
        """Sleep until something happens, at most so long, then see to every child. Raises Stop when asked to stop."""
        dues = [one.due - time.monotonic() for one in self._running if one.process is None]
        self._listen(max(0.0, min([at_most_s, *dues])))
        if self._asked:
            raise Stop(self._asked)
        for one in self._running:
            self._tend(one)

    def stop(self) -> None:
        """Stop all, turn after turn; a second request meanwhile kills what is left."""
        turns = sorted({one.child.stop_turn for one in self._running})
        for turn in turns:
            leaving = [one for one in reversed(self._running) if one.child.stop_turn == turn]
            self._end((one.child, one.process) for one in leaving if one.process is not None)
        self._running.clear()

    def last_words(self, child: Child) -> str:
        """What a child wrote last since it was started (its last error, if there is one), and where to read all."""
        path = self._log_path(child)
        lines: list[str] = []
        with suppress(OSError), path.open(errors="replace") as log:
            log.seek(self._log_starts.get(child.name, 0))
            lines = [line.strip() for line in log if line.strip()]
        full = [line for line in lines if _FULL in line]  # the cause of every other error beside it
        errors = [line for line in lines if _ERROR.search(line)]
        return f"{(full or errors or lines or ['it said nothing'])[-1]} (its log: {path})"

    # --- one child ----------------------------------------------------------------------------------------------

    @contextmanager
    def _one_shot(self, child: Child) -> Iterator[subprocess.Popen[bytes]]:
        process = self._popen(child)
        try:
            yield process
        finally:
            self._end([(child, process)])

    def _tend(self, one: _Running) -> None:
        if one.process is None:
            if time.monotonic() >= one.due:
                self._respawn(one)
        elif (status := one.process.poll()) is not None:
            self._bury(one, status)

    def _bury(self, one: _Running, status: int) -> None:
        if not one.settled:
            raise self._failed(one.child, f"ended with {_how(status)}")
        if time.monotonic() - one.started > LONG_LIFE_S:
            one.delay = FIRST_DELAY_S
        one.process = None
        self._postpone(one, f"ended with {_how(status)}")

    def _respawn(self, one: _Running) -> None:
        """Nothing that keeps a child from starting again (memory, disk) may end the supervisor of the others."""
        try:
            self._spawn(one)
        except Refusal as refusal:
            self._postpone(one, f"could not be started ({refusal})")

    def _postpone(self, one: _Running, why: str) -> None:
        self.say(f"{one.child.name} {why}; starting it again in {one.delay:.1f} s.")
        one.due = time.monotonic() + one.delay
        one.delay = min(one.delay * 2, LONGEST_DELAY_S)

    def _spawn(self, one: _Running) -> None:
        one.process, one.started = self._popen(one.child), time.monotonic()

    def _settle(self, one: _Running) -> bool:
        """Whether it was ready once; asks it if that is not known yet."""
        if one.settled or one.process is None:
            return one.settled
        child = one.child
        one.settled = child.ready is None or child.ready(one.process.pid)
        if not one.settled and time.monotonic() - one.started > child.ready_within_s:
            raise self._failed(child, f"was not ready within {child.ready_within_s:.0f} s")
        return one.settled

    def _failed(self, child: Child, what: str) -> Refusal:
        return Refusal("child_failed", f"{child.name} {what}: {self.last_words(child)}")

    def _popen(self, child: Child) -> subprocess.Popen[bytes]:
        inherited = () if self.lock is None else (self.lock,)
        try:
            with self._output(child) as output:
                return spawn(child, output, inherited)
        except (OSError, subprocess.SubprocessError) as error:
            raise Refusal("child_failed", f"{child.name} could not be started: {error}") from error

    @contextmanager
    def _output(self, child: Child) -> Iterator[IO[bytes] | None]:
        if child.shows:
            yield None
            return
        path = self._log_path(child)
        try:
            if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
                path.replace(path.with_suffix(".log.1"))
            file = path.open("ab")
            self._log_starts[child.name] = file.tell()
        except OSError as error:
            raise cannot_write(self.logs, error) from error
        with file:
            yield file

    def _log_path(self, child: Child) -> Path:
        return self.logs / f"{child.name}.log"

    def _end(self, leaving: Iterable[tuple[Child, subprocess.Popen[bytes]]]) -> None:
        """Ask all of them to stop and wait; kill the whole session of one that takes too long."""
        waiting = [(child, process) for child, process in leaving if process.poll() is None]
        for child, process in waiting:
            process.send_signal(child.stop_signal)
        asked = time.monotonic()
        while waiting := [(child, process) for child, process in waiting if process.poll() is None]:
            for child, process in waiting:
                if self._hurry or time.monotonic() - asked > child.grace_s:
                    _kill_session(process)
            self._listen(_POLL_S)

    # --- signals ------------------------------------------------------------------------------------------------

    def _heard(self, number: int, _frame: object) -> None:
        if number == signal.SIGCHLD:
            return
        if not self._asked:
            self._asked, self._asked_at = number, time.monotonic()
        elif time.monotonic() - self._asked_at > IMPATIENCE_S:
            self._hurry = True

    def _listen(self, at_most_s: float) -> None:
        """Sleep until a signal arrives (a child's death is one) or the time is over."""
        select.select([self._ears], [], [], at_most_s)
        with suppress(BlockingIOError):
            while os.read(self._ears, 1024):
                pass


def spawn(
    child: Child, output: IO[bytes] | None, inherited: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """Start the process, tied to this one; call it from the main thread. Without `output` it shares our terminal."""
    account = child.account
    return subprocess.Popen(  # noqa: S603  (our own command lines)
        child.argv,
        cwd=child.folder,
        env=dict(child.environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        start_new_session=True,  # the terminal's Ctrl-C is for us; we say who stops when
        preexec_fn=tie(child.death_signal),  # noqa: PLW1509  (we have one thread)
        pass_fds=(*child.descriptors, *inherited),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _signals() -> list[signal.Signals]:
    """What we listen to. A hang-up stays ignored where somebody asked for that (nohup)."""
    numbers = [signal.SIGCHLD, signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return numbers


def _how(status: int) -> str:
    """An exit status in words."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
