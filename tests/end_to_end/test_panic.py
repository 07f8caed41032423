"""A panic beside a terminal that is well, hung, stopped or gone: flat at the broker, and never on the other side."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.ports import passing
from services.dtc.address import parse_address
from services.panic import errand
from services.panic.alone import Alone
from services.panic.files import PanicFiles, Request
from tests.end_to_end.conftest import ROOT, WINDOW, World
from tests.end_to_end.deadlines import pause, until

SYMBOL = "MESZ26_FUT_CME"
HELD = ("ready", "buy:2", "stop:2", "mark", "settle", "facts")


def start_panic(world: World, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "app", "panic", "--yes", "--data-dir", str(world.folder), *options],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def panicked(world: World, *options: str) -> tuple[int, str]:
    process = start_panic(world, "--connect", world.address, *options)
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


def marked(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert '"mark"' in line, line


def go_on(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate("\n", timeout=60)
    assert process.returncode == 0, out
    return out


def took(files: PanicFiles, request: Request) -> bool:
    answer = files.answer()
    return answer is not None and answer.request == request.name


def is_flat(world: World) -> bool:
    working = [one for one in world.state()["orders"] if one["status"] in ("WORKING", "PARTIAL", "PENDING")]
    return world.broker_quantity() == 0.0 and not working


def never_short(world: World) -> bool:
    """Say whether the position never went through zero: fold the broker's own fills."""
    held = lowest = 0.0
    for fill in world.state()["fills"]:
        held += float(fill["quantity"]) * (1 if fill["side"] == "BUY" else -1)
        lowest = min(lowest, held)
    return lowest == 0.0


def test_a_terminal_that_is_well_does_it_and_stays_locked_over_a_restart(world: World) -> None:
    terminal = world.engine(*HELD)
    marked(terminal)
    code, said = panicked(world)
    assert (code, "The terminal has taken it." in said) == (0, True), said
    assert is_flat(world) and never_short(world)
    assert not (world.folder / "panic.jsonl").exists()
    assert "Panic is over: all is flat" in go_on(terminal)
    (after,) = world.run("ready", "facts")
    assert after["locked"].startswith("Locked by panic at ")


def test_a_hung_window_does_not_keep_the_terminal_from_it(world: World) -> None:
    terminal = world.engine("ready", "buy:2", "stop:20", "mark", "facts", "quit", program=WINDOW)
    marked(terminal)  # from here on the thread that draws waits for standard input
    panic = start_panic(world)  # which knows from the settings, written at once, where the terminal is connected
    said, _ = panic.communicate(timeout=60)
    assert panic.returncode == 0 and "every account of venue (127.0.0.1:" in said, said
    assert "The terminal has taken it." in said
    assert is_flat(world) and never_short(world)
    go_on(terminal)


def test_with_no_terminal_it_acts_alone_and_the_next_start_tells_and_is_locked(world: World) -> None:
    terminal = world.engine("ready", "buy:2", "stop:2", "mark", "hang")
    marked(terminal)
    terminal.kill()
    terminal.wait(10)
    code, said = panicked(world)
    assert code == 0 and "No terminal runs here." in said and "1 order cancelled, 1 position closed" in said
    assert is_flat(world) and never_short(world)
    (after,) = world.run("ready", "settle", "facts")
    assert float(after["quantity"]) == 0.0
    assert after["locked"].startswith("Locked by panic at ")
    told = [one for one in after["said"] if "1 order cancelled, 1 position closed; record panic.jsonl" in one]
    assert len(told) == 1 and told[0].startswith("Panic acted at ")


@pytest.mark.parametrize("wakes", ["when panic claims", "when panic is over"])
def test_a_terminal_stopped_in_the_middle_of_a_close_does_not_overshoot_when_it_wakes(world: World, wakes: str) -> None:
    if sys.platform == "win32":
        pytest.skip("this system cannot stop a process")
    terminal = world.engine("ready", "buy:2", "stop:2", "mark", "close", "settle", "facts")
    marked(terminal)
    world.venue.control("hold_acks", ms=600_000)  # the close waits for the word that its stop is cancelled
    assert terminal.stdin is not None
    terminal.stdin.write("\n")
    terminal.stdin.flush()
    until(lambda: all(one["status"] != "WORKING" for one in world.state()["orders"]), "the stop to be cancelled")
    os.kill(terminal.pid, signal.SIGSTOP)
    world.venue.control("hold_acks", ms=0)
    panic = start_panic(world, "--connect", world.address)
    if wakes == "when panic claims":
        until((world.folder / "panic-acting.json").exists, "the claim")
    else:
        panic.wait(60)
    os.kill(terminal.pid, signal.SIGCONT)
    out, _ = panic.communicate(timeout=60)
    assert panic.returncode == 0, out
    pause(3.0)
    assert is_flat(world) and never_short(world)


def test_a_terminal_stopped_after_it_took_the_request_is_replaced_and_leaves_it_to_panic(world: World) -> None:
    if sys.platform == "win32":
        pytest.skip("this system cannot stop a process")
    terminal = world.engine(*HELD)
    marked(terminal)
    world.venue.control("cancel_ack", on=False, effect=True)
    panic = start_panic(world, "--connect", world.address)
    until((world.folder / "panic-answer.json").exists, "the answer")
    os.kill(terminal.pid, signal.SIGSTOP)
    world.venue.control("cancel_ack", on=True)
    until((world.folder / "panic-acting.json").exists, "the claim")
    os.kill(terminal.pid, signal.SIGCONT)
    out, _ = panic.communicate(timeout=60)
    assert panic.returncode == 0 and "has not moved" in out, out
    assert is_flat(world) and never_short(world)
    go_on(terminal)
    assert is_flat(world) and never_short(world)


def test_the_lock_is_lifted_by_a_word(world: World) -> None:
    terminal = world.engine("ready", "buy:2", "mark", "facts", "mark", "buy:1", "facts")
    marked(terminal)
    assert panicked(world)[0] == 0
    lift = [sys.executable, "-P", "-m", "app", "panic", "--lift", "--data-dir", str(world.folder)]
    done = subprocess.run(lift, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, "Lifted: entries pass again.\n")
    assert list(Path(world.folder).glob("panic*.json")) == []


def test_both_at_once_in_every_moment_of_each_other_never_turn_the_position_round(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "ON_ITS_WAY", timedelta(0))
    terminal = world.engine("ready", "mark", "facts")
    marked(terminal)
    clock, files = SystemClock(), PanicFiles(world.folder)
    line = replace(parse_address(world.address), slug="venue")
    world.venue.control("latency", ms=150)  # so that orders of the one are in flight while the other looks
    for turn in range(8):
        world.venue.control("set_position", account="Sim1", symbol=SYMBOL, quantity=2)
        pause(0.5)  # the terminal is to know it well enough to close it at once
        request = Request(f"turn-{turn}", clock.now())
        files.write(request)
        until(partial(took, files, request), "the terminal to take it")
        pause(turn * 0.03)
        alone = Alone(files, request, {}, "TEST", clock, lambda _: None, passing)
        assert alone.act([line]) == []
        pause(0.3)
        assert is_flat(world) and never_short(world), turn
    go_on(terminal)
