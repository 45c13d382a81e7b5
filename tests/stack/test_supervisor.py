"""The supervisor with real processes: restarts, refusals, and the order of stopping."""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.places import Refusal
from config.supervisor import LOG_LIMIT_BYTES, Stop, Supervisor

from .helpers import is_alive, kill, pids_of, script, sleeper, tend, wait_until


def test_a_dead_child_is_started_again_and_reported_in_one_line(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start(sleeper("worker"))
    first = pids_of(supervisor)["worker"]
    kill(first)
    tend(supervisor, lambda: pids_of(supervisor).get("worker", first) != first)
    assert said == ["worker ended with signal SIGKILL; starting it again in 0.3 s."]


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start(script("beat", "raise SystemExit(3)"))
    tend(supervisor, lambda: len(said) == 3)
    assert said == [
        f"beat ended with exit status 3; starting it again in {delay} s."
        for delay in ("0.3", "0.6", "1.2")
    ]


def test_the_wait_before_a_restart_never_exceeds_ten_seconds(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start(sleeper("web"))
    (one,) = supervisor._running
    for _ in range(8):
        supervisor._postpone(one, "ended")
    assert said[-1].endswith("in 10.0 s.")


def test_a_child_that_ends_before_it_is_ready_is_a_refusal_with_its_own_error(
    supervisor: Supervisor, ground: Path
) -> None:
    (ground / "postgres.log").write_text("FATAL: an error of yesterday\n")
    text = (
        "print('FATAL: could not create lock file'); print('HINT: look there'); raise SystemExit(1)"
    )
    with pytest.raises(Refusal) as caught:
        supervisor.start(script("postgres", text, ready=lambda _pid: False))
    assert caught.value.code == "child_failed"
    assert caught.value.sentence == (
        "postgres ended with exit status 1: FATAL: could not create lock file "
        f"(its log: {ground}/postgres.log)"
    )


def test_a_full_disk_is_named_before_the_errors_it_led_to(supervisor: Supervisor) -> None:
    text = "print('ERROR: could not extend file: No space left on device'); print('PANIC: cannot abort')"
    child = script("initdb", text)
    supervisor.run(child)
    assert "No space left on device" in supervisor.last_words(child)


def test_a_child_that_is_never_ready_is_a_refusal(supervisor: Supervisor) -> None:
    with pytest.raises(Refusal, match="web was not ready within 0 s: it said nothing"):
        supervisor.start(sleeper("web", ready=lambda _pid: False, ready_within_s=0.2))


def test_readiness_is_asked_about_the_process_that_was_started(supervisor: Supervisor) -> None:
    asked: list[int] = []
    supervisor.start(sleeper("web", ready=lambda pid: asked.append(pid) or len(asked) == 3))
    assert asked == [pids_of(supervisor)["web"]] * 3


def test_a_program_that_does_not_exist_is_a_refusal(supervisor: Supervisor) -> None:
    missing = dataclasses.replace(sleeper("valkey"), argv=("/nowhere/valkey-server",))
    with pytest.raises(Refusal, match=r"valkey could not be started: .*No such file"):
        supervisor.start(missing)


def test_a_child_that_cannot_be_started_again_does_not_end_the_supervisor(
    supervisor: Supervisor, said: list[str], ground: Path
) -> None:
    program = ground / "program"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    supervisor.start(dataclasses.replace(sleeper("worker"), argv=(str(program),)), sleeper("web"))
    program.unlink()
    kill(pids_of(supervisor)["worker"])
    tend(supervisor, lambda: len(said) == 2)
    assert "could not be started" in said[1]
    assert "web" in pids_of(supervisor)


def test_a_one_shot_command_gives_its_status_while_the_others_are_tended(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start(sleeper("web"))
    first = pids_of(supervisor)["web"]
    killer = f"import os, time; os.kill({first}, 9); time.sleep(1); raise SystemExit(7)"
    assert supervisor.run(script("migrate", killer)) == 7
    assert pids_of(supervisor)["web"] != first
    assert len(said) == 1


def test_a_one_shot_command_ended_by_a_signal_gives_its_negative_number(
    supervisor: Supervisor,
) -> None:
    assert supervisor.run(script("demo", "import os; os.kill(os.getpid(), 9)")) == -signal.SIGKILL


def test_children_stop_by_their_turns(
    new_supervisor: Callable[[], Supervisor], ground: Path
) -> None:
    order = ground / "order"

    def noting(name: str, turn: int) -> object:
        text = (
            "import signal, sys, time\n"
            f"def note(*_):\n    open({str(order)!r}, 'a').write({name!r} + ' '); sys.exit()\n"
            f"signal.signal(signal.SIGTERM, note); open({str(ground / name)!r}, 'w'); time.sleep(600)"
        )
        return script(name, text, stop_turn=turn, ready=lambda _pid: (ground / name).exists())

    with new_supervisor() as supervisor:
        supervisor.start(noting("postgres", 3), noting("web", 1), noting("worker", 2))
    assert order.read_text().split() == ["web", "worker", "postgres"]


def test_children_of_one_turn_stop_together(new_supervisor: Callable[[], Supervisor]) -> None:
    slow = "import signal, sys, time\nsignal.signal(15, lambda *_: (time.sleep(1), sys.exit()))\ntime.sleep(600)"
    with new_supervisor() as supervisor:
        supervisor.start(*[script(f"child{number}", slow) for number in range(4)])
        time.sleep(0.5)
        begun = time.monotonic()
    assert time.monotonic() - begun < 3


def test_a_child_that_ignores_its_stop_signal_is_killed_with_its_session(
    new_supervisor: Callable[[], Supervisor], ground: Path
) -> None:
    text = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"if os.fork() == 0:\n    open({str(ground / 'grandchild')!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(600)"
    )
    with new_supervisor() as supervisor:
        supervisor.start(script("worker", text, grace_s=0.3))
        wait_until(lambda: (ground / "grandchild").exists() and (ground / "grandchild").read_text())
        started = [pids_of(supervisor)["worker"], int((ground / "grandchild").read_text())]
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    wait_until(lambda: not any(is_alive(pid) for pid in started))


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_watch(supervisor: Supervisor, asked: signal.Signals) -> None:
    supervisor.start(sleeper("web"))
    threading.Timer(0.2, os.kill, (os.getpid(), asked)).start()
    with pytest.raises(Stop) as caught:
        supervisor.watch()
    assert caught.value.number == asked


def test_a_second_request_to_stop_kills_what_is_left(
    new_supervisor: Callable[[], Supervisor], ground: Path
) -> None:
    text = f"import signal, time; signal.signal(15, signal.SIG_IGN); open({str(ground / 'up')!r}, 'w'); time.sleep(600)"
    timers = [threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT)) for wait in (0.1, 1.6)]
    begun = time.monotonic()
    with new_supervisor() as supervisor:
        supervisor.start(
            script("worker", text, grace_s=60.0, ready=lambda _pid: (ground / "up").exists())
        )
        for timer in timers:
            timer.start()
        with pytest.raises(Stop):
            supervisor.watch()
    assert time.monotonic() - begun < 20


def test_two_requests_in_the_same_moment_are_one(supervisor: Supervisor) -> None:
    """make passes on a signal that the terminal sent to us as well."""
    supervisor.start(sleeper("web"))
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stop):
        supervisor.watch()
    assert not supervisor._hurry


def test_the_signals_are_as_before_once_the_supervisor_is_left(
    new_supervisor: Callable[[], Supervisor],
) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    before = [signal.getsignal(number) for number in numbers]
    with new_supervisor():
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before


def test_a_log_that_grew_too_large_is_put_aside_at_the_next_start(
    supervisor: Supervisor, ground: Path
) -> None:
    with (ground / "web.log").open("w") as log:
        log.truncate(LOG_LIMIT_BYTES + 1)
    supervisor.run(script("web", "print('fresh')"))
    assert (ground / "web.log").read_text() == "fresh\n"
    assert (ground / "web.log.1").stat().st_size == LOG_LIMIT_BYTES + 1


def test_a_child_does_not_share_our_session_or_our_input(supervisor: Supervisor) -> None:
    text = "import os, sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()))"
    child = script("web", text)
    supervisor.run(child)
    assert supervisor.last_words(child).startswith("True ''")
