"""Handing events to an engine whose inbox may be full."""

from datetime import UTC, datetime

import pytest

from core.events import GapDetected, Link, LinkChanged, SendFailed, TicksWaiting, VenueSpoke
from core.messages import Event
from services.dtc import delivery as module
from services.dtc.delivery import Delivery
from tests.fakes.engine_end import Inbox

AT = datetime(2026, 11, 20, tzinfo=UTC)
BEHIND = LinkChanged("x", Link.SYNCING, AT, "behind")
OFFLINE = LinkChanged("x", Link.OFFLINE, AT)

pytestmark = pytest.mark.usefixtures("caplog")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def delivery(inbox: Inbox) -> Delivery:
    return Delivery("x", inbox.post, lambda: BEHIND)


def spoke(number: int) -> VenueSpoke:
    return VenueSpoke("x", str(number))


def test_events_go_straight_through(delivery: Delivery, inbox: Inbox) -> None:
    for number in range(5):
        delivery.put(spoke(number))
    assert inbox.messages == [spoke(number) for number in range(5)]


def test_a_full_inbox_parks_them_and_room_lets_them_out_in_order_behind_the_mark(
    delivery: Delivery, inbox: Inbox
) -> None:
    inbox.full = True
    for number in range(5):
        delivery.put(spoke(number))
    delivery.retry()
    assert (inbox.messages, delivery.parked) == ([], 6)
    inbox.full = False
    delivery.put(spoke(5))
    assert inbox.messages == []
    delivery.retry()
    assert inbox.messages == [BEHIND, *(spoke(number) for number in range(6))]
    assert delivery.parked == 0


def test_what_fits_nowhere_is_counted_and_told_as_a_gap(
    delivery: Delivery, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PARKED_LIMIT", 3)
    inbox.full = True
    for number in range(10):
        delivery.put(spoke(number))
    inbox.full = False
    delivery.retry()
    told: list[Event] = [BEHIND, spoke(0), spoke(1)]
    assert inbox.messages[:3] == told
    (gap,) = inbox.of(GapDetected)
    assert "8 messages" in gap.text
    delivery.put(spoke(99))
    assert inbox.messages[-1] == spoke(99)


def test_the_state_of_the_line_and_proofs_of_not_sent_are_never_lost(
    delivery: Delivery, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PARKED_LIMIT", 2)
    failed = SendFailed("x", "ST1", "no")
    inbox.full = True
    for number in range(10):
        delivery.put(spoke(number))
    delivery.put(failed)
    delivery.put(OFFLINE)
    inbox.full = False
    delivery.retry()
    assert inbox.messages[-3:-1] == [failed, OFFLINE]


def test_the_wake_up_for_ticks_is_kept_until_there_is_room(delivery: Delivery, inbox: Inbox) -> None:
    inbox.full = True
    delivery.wake_for_ticks()
    delivery.retry()
    inbox.full = False
    delivery.retry()
    delivery.retry()
    assert inbox.messages == [TicksWaiting()]


def test_a_line_that_is_not_up_is_not_marked(inbox: Inbox) -> None:
    delivery = Delivery("x", inbox.post, lambda: None)
    inbox.full = True
    delivery.put(OFFLINE)
    inbox.full = False
    delivery.retry()
    assert inbox.messages == [OFFLINE]
