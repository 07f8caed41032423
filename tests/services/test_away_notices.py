"""Notices leave on their own thread, together, and a secret stays one whatever fails."""

from collections.abc import Callable, Iterator
from threading import Event
from time import monotonic

import pytest

from services.away_notices import TITLE, WAITING, AwayNotices, NoticeFailed
from tests.fakes.notices import FakeAddress, FakeSender

SECRET = "tgram://4711:POISONED-token/99"


def until(happened: Callable[[], bool]) -> None:
    deadline = monotonic() + 10
    while not happened():
        assert monotonic() < deadline, "it never happened"
        Event().wait(0.005)


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def notices(sender: FakeSender, told: list[str]) -> Iterator[AwayNotices]:
    made = AwayNotices(sender, FakeAddress(SECRET), told.append, pause_s=0.01)
    yield made
    sender.gate.set()
    made.stop(10)


def test_what_comes_together_is_one_message_to_the_stored_address(
    notices: AwayNotices, sender: FakeSender, told: list[str]
) -> None:
    sender.gate.clear()
    notices.send("first")
    until(notices._waiting.empty)
    notices.send("second")
    notices.send("third")
    sender.gate.set()
    until(lambda: len(sender.sent) == 2)
    assert sender.sent == [(SECRET, TITLE, "first"), (SECRET, TITLE, "second\nthird")]
    until(lambda: told == ["", ""])


def test_the_caller_never_waits_and_the_queue_is_bounded(notices: AwayNotices, sender: FakeSender) -> None:
    sender.gate.clear()
    for number in range(10 * WAITING):
        notices.send(f"line {number}")
    assert notices._waiting.qsize() <= WAITING


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"bad address {SECRET}"),
        OSError(f"no route to {SECRET}"),
        NoticeFailed("The service did not take it, or cannot be reached."),
    ],
)
def test_whatever_fails_the_address_is_in_no_text(
    notices: AwayNotices,
    sender: FakeSender,
    told: list[str],
    error: Exception,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    sender.error = error
    notices.send("first")
    until(lambda: len(told) == 1)
    everything = told[0] + caplog.text + "".join(capfd.readouterr())
    assert told[0] and "POISONED" not in everything and "4711" not in everything
    assert notices.thread.is_alive()


def test_a_failure_is_no_loop_and_the_next_happening_tries_anew(
    notices: AwayNotices, sender: FakeSender, told: list[str]
) -> None:
    sender.error = OSError("down")
    notices.send("first")
    until(lambda: told == ["The service failed (OSError)."])
    assert sender.tries == 1
    sender.error = None
    notices.send("second")
    until(lambda: told[-1] == "")
    assert [body for _, _, body in sender.sent] == ["second"]
    assert sender.tries == 2


def test_what_ends_while_it_sends_tells_nobody(sender: FakeSender, told: list[str]) -> None:
    made = AwayNotices(sender, FakeAddress(SECRET), told.append, pause_s=0.01)
    sender.gate.clear()
    made.send("first")
    until(made._waiting.empty)
    made.stop(0.0)
    sender.gate.set()
    made.thread.join(10)
    assert not made.thread.is_alive() and told == []
    made.send("late")
    assert made._waiting.empty()


def test_without_an_address_nothing_is_sent_and_that_is_said(sender: FakeSender, told: list[str]) -> None:
    made = AwayNotices(sender, FakeAddress(), told.append, pause_s=0.01)
    made.send("first")
    until(lambda: told == ["No address is stored for them."])
    made.stop(10)
    assert sender.tries == 0 and not made.thread.is_alive()
