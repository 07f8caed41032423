"""A book built from snapshots and changes of every generation, checked against a plain dictionary."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest

from core.model.depth import Depth
from core.model.instrument import Instrument
from services.dtc.depth_book import LEVELS_HELD, SNAPSHOTS, UPDATES, DepthBook
from services.dtc.messages import market_depth as wire
from services.dtc.messages.base import Message
from services.dtc.price_scale import PriceScale
from services.dtc.refusal import Refused

AT = datetime(2026, 11, 21, 14, 30, 1, tzinfo=UTC)
SCALE = PriceScale(Instrument("ES", Decimal("0.25")), Decimal("0.01"))
BID, ASK = 1, 2
INSERT, DELETE = 1, 2
END, MORE, BEGIN = 1, 2, 3
Told = tuple[int, float, float]
BOOK: tuple[Told, ...] = ((BID, 650000.0, 5), (BID, 649975.0, 9), (ASK, 650025.0, 7), (ASK, 650050.0, 4))


def levels(*told: tuple[str, int]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(price), Decimal(size)) for price, size in told)


def snapshot(*told: Told) -> list[Message]:
    """Return a batch of 122."""
    ends = len(told) - 1
    return [
        wire.MarketDepthSnapshotLevel(
            SymbolID=1,
            Side=side,
            Price=price,
            Quantity=size,
            IsFirstMessageInBatch=int(at == 0),
            IsLastMessageInBatch=int(at == ends),
        )
        for at, (side, price, size) in enumerate(told)
    ]


def compact(*told: Told) -> list[Message]:
    """Return a batch of 145."""
    marks = [BEGIN, *[MORE] * (len(told) - 2), END] if len(told) > 1 else [END]
    return [
        wire.MarketDepthSnapshotLevelFloat(
            SymbolID=1, Side=side, Price=price, Quantity=size, FinalUpdateInBatch=marks[at]
        )
        for at, (side, price, size) in enumerate(told)
    ]


def change(side: int, price: float, size: float, kind: int = INSERT, batch: int = END, **other: Any) -> Message:
    return wire.MarketDepthUpdateLevel(
        SymbolID=1, Side=side, Price=price, Quantity=size, UpdateType=kind, FinalUpdateInBatch=batch, **other
    )


def told(book: DepthBook, messages: Sequence[Message]) -> list[bool]:
    return [book.read(one, SCALE, AT) for one in messages]


@pytest.fixture
def book() -> DepthBook:
    made = DepthBook("ES")
    told(made, snapshot(*BOOK))
    return made


@pytest.mark.parametrize("batch", [snapshot, compact])
def test_a_snapshot_is_shown_when_its_last_part_is_there(batch: Any) -> None:
    book = DepthBook("ES")
    assert not book.shown.complete
    assert told(book, batch(*BOOK)) == [False, False, False, True]
    assert book.shown == Depth(
        "ES", levels(("6500.00", 5), ("6499.75", 9)), levels(("6500.25", 7), ("6500.50", 4)), True, AT
    )


@pytest.mark.parametrize(
    "message",
    [
        wire.MarketDepthSnapshotLevel(SymbolID=1, IsFirstMessageInBatch=1, IsLastMessageInBatch=1),
        wire.MarketDepthSnapshotLevelFloat(SymbolID=1, FinalUpdateInBatch=END),
    ],
)
def test_an_empty_book_is_one_message_and_complete(message: Message) -> None:
    book = DepthBook("ES")
    assert told(book, [message]) == [True]
    assert book.shown.complete and book.shown.is_empty


@pytest.mark.parametrize("kind", UPDATES, ids=lambda kind: str(kind.TYPE))
def test_every_kind_of_change_sets_inserts_and_deletes(book: DepthBook, kind: type[Message]) -> None:
    inserts = 3 if kind is wire.MarketDepthUpdateLevelV2 else INSERT
    sets = 4 if kind is wire.MarketDepthUpdateLevelV2 else INSERT
    parts = [
        kind(SymbolID=1, Side=BID, Price=650000.0, Quantity=6, UpdateType=sets, FinalUpdateInBatch=MORE),
        kind(SymbolID=1, Side=ASK, Price=650075.0, Quantity=2, UpdateType=inserts, FinalUpdateInBatch=MORE),
        kind(SymbolID=1, Side=ASK, Price=650025.0, Quantity=0, UpdateType=DELETE, FinalUpdateInBatch=END),
    ]
    assert told(book, parts) == [False, False, True]
    assert book.shown.bids == levels(("6500.00", 6), ("6499.75", 9))
    assert book.shown.asks == levels(("6500.50", 4), ("6500.75", 2))


def test_a_change_that_says_nothing_of_batches_is_shown_at_once(book: DepthBook) -> None:
    assert told(book, [change(BID, 650000.0, 1, batch=0)]) == [True]


def test_a_size_of_nothing_takes_the_level_out(book: DepthBook) -> None:
    told(book, [change(BID, 650000.0, 0)])
    assert book.shown.bids == levels(("6499.75", 9))
    assert told(book, [change(BID, 650000.0, 0, DELETE)]) == [True], "a level that is not there can be deleted too"


def test_a_change_before_the_first_snapshot_is_not_a_book() -> None:
    book = DepthBook("ES")
    assert told(book, [change(BID, 650000.0, 5)]) == [False]
    assert not book.shown.complete and book.shown.is_empty


def test_a_change_between_the_parts_of_a_snapshot_is_newer_than_the_snapshot() -> None:
    book, parts = DepthBook("ES"), snapshot(*BOOK)
    told(book, [parts[0], change(BID, 649975.0, 1), change(ASK, 650025.0, 0, DELETE), *parts[1:]])
    assert book.shown.bids == levels(("6500.00", 5), ("6499.75", 1))
    assert book.shown.asks == levels(("6500.50", 4))


def test_while_a_second_snapshot_is_told_the_first_goes_on(book: DepthBook) -> None:
    parts = snapshot((BID, 640000.0, 1), (ASK, 640025.0, 1))
    assert told(book, [parts[0], change(BID, 650000.0, 8)]) == [False, True]
    assert book.shown.bids[0] == (Decimal(6500), Decimal(8))
    told(book, parts[1:])
    assert book.shown.bids == levels(("6500.00", 8), ("6400.00", 1)), "the change was told after the snapshot was made"


def test_a_snapshot_that_begins_anew_forgets_its_first_half() -> None:
    book = DepthBook("ES")
    told(book, [*snapshot(*BOOK)[:2], *snapshot((BID, 640000.0, 1), (ASK, 640025.0, 1))])
    assert book.shown.bids == levels(("6400.00", 1))


def test_a_part_of_a_snapshot_that_never_began_is_refused() -> None:
    with pytest.raises(Refused, match="not begun"):
        told(DepthBook("ES"), snapshot(*BOOK)[1:])


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (change(0, 650000.0, 5), "neither side"),
        (change(3, 650000.0, 5), "neither side"),
        (msgspec.structs.replace(change(BID, 1.0, 5), Price=None), "without a price"),
        (change(BID, 650000.0, -1), "size is absurd"),
        (change(BID, 650000.0, 1e16), "size is absurd"),
        (change(BID, 1e16, 1), "price is absurd"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(book: DepthBook, message: Message, reason: str) -> None:
    before = book.shown
    with pytest.raises(Refused, match=reason):
        told(book, [message])
    told(book, [change(BID, 649950.0, 1)])
    assert book.shown.bids == (*before.bids, *levels(("6499.50", 1))) and book.shown.asks == before.asks


def test_a_book_without_end_is_refused() -> None:
    book = DepthBook("ES")
    told(book, snapshot((BID, 100.0, 1), (ASK, 10_000_000.0, 1)))
    with pytest.raises(Refused, match="without end"):
        told(book, [change(BID, 100.0 + 25 * at, 1) for at in range(1, LEVELS_HELD + 1)])


def test_a_crossed_book_is_shown_as_it_was_received_and_says_so(book: DepthBook) -> None:
    assert not book.shown.is_crossed
    told(book, [change(BID, 650025.0, 3)])
    assert book.shown.bids[0][0] == book.shown.asks[0][0] == Decimal("6500.25")
    assert book.shown.is_crossed


def test_a_new_connection_drops_the_book_and_waits_for_a_snapshot(book: DepthBook) -> None:
    book.begin()
    assert book.shown == Depth("ES")
    assert told(book, [change(BID, 650000.0, 5)]) == [False]
    told(book, snapshot((BID, 640000.0, 1), (ASK, 640025.0, 1)))
    assert book.shown.bids == levels(("6400.00", 1))


def test_what_arrives_after_the_feed_was_gone_is_no_history(book: DepthBook) -> None:
    book.mark_stale()
    assert book.shown.stale and book.shown.bids
    told(book, [change(BID, 650000.0, 6)])
    assert not book.shown.stale


def test_a_float32_price_is_put_onto_the_grid() -> None:
    book = DepthBook("ZN")
    scale = PriceScale(Instrument("ZN", Decimal("0.015625")))
    book.read(compact((BID, 110.515625, 5))[0], scale, AT)
    book.read(change(BID, 110.51562500001, 7, batch=0), scale, AT)
    assert book.shown.bids == levels(("110.515625", 7))


@pytest.mark.parametrize("seed", range(20))
def test_any_run_of_changes_is_what_a_dictionary_makes_of_it(seed: int) -> None:
    rng, book = Random(seed), DepthBook("ES")
    truth: dict[int, dict[Decimal, Decimal]] = {BID: {}, ASK: {}}
    told(book, snapshot((BID, 100.0, 1), (ASK, 200.0, 1)))
    truth[BID][Decimal(1)], truth[ASK][Decimal(2)] = Decimal(1), Decimal(1)
    for _ in range(300):
        side, ticks, size = rng.choice((BID, ASK)), rng.randrange(1, 40), rng.randrange(0, 9)
        kind = DELETE if rng.random() < 0.3 else INSERT
        told(book, [change(side, ticks * 25.0, size, kind, rng.choice((END, 0)))])
        price = ticks * Decimal("0.25")
        if kind == DELETE or not size:
            truth[side].pop(price, None)
        else:
            truth[side][price] = Decimal(size)
        assert dict(book.shown.bids) == truth[BID] and dict(book.shown.asks) == truth[ASK]
        assert list(book.shown.bids) == sorted(truth[BID].items(), reverse=True)
        assert list(book.shown.asks) == sorted(truth[ASK].items())


def test_every_answer_of_the_request_is_read() -> None:
    known = {kind for kind in vars(wire).values() if isinstance(kind, type) and issubclass(kind, Message)}
    told_by_servers = {one for one in known if one.__name__.startswith(("MarketDepthUpdate", "MarketDepthSnapshot"))}
    assert told_by_servers == {*SNAPSHOTS, *UPDATES}
