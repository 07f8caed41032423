"""A recorded market: what is shown of it, its clock, its end, and the same bytes twice."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from services.dtc.messages.market_data import MarketDataRequest
from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.symbols import ExchangeListRequest, SymbolSearchRequest
from services.dtc.session import Session
from services.dtc.session_settings import Role, SessionSettings
from services.simulator.answers import exchanges, search
from services.simulator.faults import LineFaults
from services.simulator.line import Line
from services.simulator.orders import OrderStatus, Side
from services.simulator.pacer import Pacer
from services.simulator.ports import BookChanged, StatusChanged, Traded, VenueEvent
from services.simulator.replay import LONGEST_SILENCE_US, ReplayMarket
from services.simulator.replay_contracts import Facts, replayed_contract
from services.simulator.replay_files import ReplaySettings, open_replay
from services.simulator.replay_records import Record, RecordedQuote, RecordedTrade
from services.simulator.requests import OrderName
from services.simulator.session_clock import CLOSED
from services.simulator.settings import SimulatorSettings
from services.simulator.venue import Venue
from services.simulator.wire import report
from tests.services.simulator.recordings import SECOND_US, START_US, moments, rows, write_csv
from tests.services.simulator.venue import MemoryStore, new_order

D = Decimal
MES = "MESZ25_FUT_CME"
CONTRACT = replayed_contract(MES, Facts())


def trade(after_us: int, price: str, size: int = 1, aggressor: Side | None = None, symbol: str = MES) -> RecordedTrade:
    return RecordedTrade(symbol, START_US + after_us, D(price), D(size), aggressor)


def quote(after_us: int, bid: str, ask: str, size: int | None = 10) -> RecordedQuote:
    shown = None if size is None else D(size)
    return RecordedQuote(MES, START_US + after_us, D(bid) if bid else None, D(ask) if ask else None, shown, shown)


def market(records: list[Record], state: str = "", shown_size: int = 25) -> ReplayMarket:
    return ReplayMarket([CONTRACT], iter(records), D(shown_size), state)


def touches(events: list[VenueEvent]) -> list[tuple[str, str]]:
    """Return best bid and ask of every book shown."""

    def best(levels: tuple[tuple[Decimal, Decimal], ...]) -> str:
        return f"{float(levels[0][0]):g} x {levels[0][1]}" if levels else ""

    return [(best(event.bids), best(event.asks)) for event in events if isinstance(event, BookChanged)]


def venue(replayed: ReplayMarket, store: MemoryStore | None = None, latency_ms: int = 0) -> Venue:
    settings = SimulatorSettings(Path(), latency_ms=latency_ms, venue="T1")
    return Venue(settings, store or MemoryStore(), START_US * 2, replayed, [CONTRACT])


# -- what is shown


def test_a_recorded_quote_is_shown_as_it_is_and_trades_do_not_change_it() -> None:
    events = market([quote(0, "6500", "6500.5"), trade(1, "6500.5", 3, Side.BUY)]).step(SECOND_US)
    assert touches(events) == [("6500 x 10", "6500.5 x 10")] * 2
    assert events[2] == Traded(MES, START_US + 1, D("6500.5"), D(3), Side.BUY)
    assert events[1].last == D("6500.5")  # type: ignore[union-attr]


def test_trades_alone_have_a_book_of_one_tick_around_them() -> None:
    records: list[Record] = [trade(0, "6500", 1, Side.BUY), trade(1, "6500", 1, Side.SELL), trade(2, "6500.25", 1)]
    events = market(records).step(SECOND_US)
    assert touches(events) == [
        ("6499.75 x 25", "6500 x 25"),
        ("6500 x 25", "6500.25 x 25"),
        ("6500 x 25", "6500.25 x 25"),
    ]
    assert [event.aggressor for event in events if isinstance(event, Traded)] == [Side.BUY, Side.SELL, Side.BUY]


def test_without_an_aggressor_higher_is_bought_and_lower_is_sold_and_the_same_is_as_before() -> None:
    prices = ["6500", "6501", "6501", "6499", "6499"]
    quotes: list[Record] = [quote(0, "6490", "6510")]
    events = market(quotes + [trade(1 + i, price) for i, price in enumerate(prices)]).step(SECOND_US)
    came = [event.aggressor for event in events if isinstance(event, Traded)]
    assert came == [Side.BUY, Side.BUY, Side.BUY, Side.SELL, Side.SELL]


def test_a_trade_outside_of_the_quote_takes_its_place_until_the_next_one() -> None:
    records: list[Record] = [quote(0, "6500", "6500.25"), trade(1, "6501", 1, Side.BUY), quote(2, "6500.75", "6501")]
    assert touches(market(records).step(SECOND_US)) == [
        ("6500 x 10", "6500.25 x 10"),
        ("6500.75 x 25", "6501 x 25"),
        ("6500.75 x 10", "6501 x 10"),
    ]


def test_a_crossed_quote_is_an_empty_book_and_a_side_may_be_empty() -> None:
    records: list[Record] = [
        quote(0, "6500", "6500.25"),
        quote(1, "6500.5", "6500.25"),
        quote(2, "6500", "6500"),
        quote(3, "", "6500.25", None),
    ]
    assert touches(market(records).step(SECOND_US)) == [("6500 x 10", "6500.25 x 10"), ("", ""), ("", "6500.25 x 25")]


def test_a_symbol_opens_with_an_empty_book_and_its_first_price() -> None:
    (opened,) = market([quote(5, "6500", "6500.25")]).opening()
    assert opened == BookChanged(MES, START_US + 5, (), (), D(6500))


# -- the clock and the end


def test_the_stream_does_not_depend_on_how_time_is_cut() -> None:
    def records() -> list[Record]:
        made: list[Record] = [trade(i * 37_000_000, str(6500 + i % 7)) for i in range(100)]
        made.append(trade(100 * 37_000_000 + 4 * 3_600 * SECOND_US, "6500"))
        return made

    whole, pieces = market(records()), market(records())
    cut = [event for _ in range(6_000) for event in pieces.step(SECOND_US)]
    assert cut == whole.step(6_000 * SECOND_US)
    assert pieces.now_us == whole.now_us
    assert isinstance(cut[-1], StatusChanged)


def test_a_long_silence_is_cut_short() -> None:
    replayed = market([trade(0, "6500"), trade(3_600 * SECOND_US, "6501")])
    replayed.step(LONGEST_SILENCE_US - 1)
    assert replayed.now_us == START_US + LONGEST_SILENCE_US - 1
    later = replayed.step(1)
    assert replayed.now_us == START_US + 3_600 * SECOND_US
    assert later[1].at_us == replayed.now_us


def test_at_the_end_trading_is_closed_once_and_time_goes_on() -> None:
    replayed = market([trade(0, "6500"), trade(SECOND_US, "6501")])
    assert not any(isinstance(event, StatusChanged) for event in replayed.step(SECOND_US - 1))
    assert replayed.step(10)[-1] == StatusChanged(MES, START_US + SECOND_US, CLOSED)
    assert replayed.ended
    assert replayed.step(SECOND_US) == []
    assert replayed.now_us == START_US + 2 * SECOND_US + 9


def test_a_run_that_is_continued_goes_on_where_it_stood() -> None:
    records: list[Record] = [trade(i * SECOND_US, str(6500 + i)) for i in range(4)]
    first = market(records)
    first.step(SECOND_US)
    again = market(records[2:], first.state())
    assert again.now_us == START_US + SECOND_US
    assert again.opening() == [BookChanged(MES, START_US + SECOND_US, (), (), D(6501))]
    assert [event.at_us for event in again.step(SECOND_US)] == [START_US + 2 * SECOND_US] * 2


def test_a_run_that_had_ended_is_closed_from_the_start() -> None:
    first = market([trade(0, "6500")])
    first.step(SECOND_US)
    again = market([], first.state())
    assert [type(event) for event in again.opening()] == [BookChanged, StatusChanged]
    assert again.step(SECOND_US) == []


def test_a_recording_that_has_grown_goes_on_where_it_had_ended_whatever_its_last_price() -> None:
    first = market([trade(0, "6500"), trade(1, "6500.1")])
    first.step(3_600 * SECOND_US)
    again = market([trade(2, "6501")], first.state())
    assert again.now_us == START_US + 1
    assert [type(event) for event in again.opening() + again.step(1)][:3] == [BookChanged, BookChanged, Traded]


def test_nothing_is_read_ahead_of_its_time() -> None:
    read: list[int] = []

    def records() -> Iterator[Record]:
        for i in range(1_000):
            read.append(i)
            yield trade(i * SECOND_US, "6500")

    replayed = ReplayMarket([CONTRACT], records(), D(25))
    assert len(read) == 1
    replayed.step(10 * SECOND_US)
    assert len(read) == 12


# -- in the venue


def test_the_clock_is_that_of_the_recording_whatever_the_wall_says() -> None:
    made = venue(market([quote(0, "6500", "6500.25"), trade(9 * SECOND_US, "6500", 1, Side.SELL)]))
    assert made.now_us == START_US
    made.pass_time(SECOND_US)
    made.wake(START_US * 3)
    assert made.now_us == START_US + SECOND_US
    made.broker.submit(new_order(symbol=MES), made.now_us)
    (fill,) = made.records.fills
    assert (fill.price, fill.at_us) == (D("6500.25"), made.now_us)


def test_a_frozen_replay_is_paused() -> None:
    made = venue(market([quote(0, "6500", "6500.25"), trade(9 * SECOND_US, "6500")]))
    made.pass_time(SECOND_US)
    made.frozen = True
    assert made.pass_time(60 * SECOND_US).events == []
    assert made.now_us == START_US + SECOND_US
    made.frozen = False
    assert isinstance(made.pass_time(8 * SECOND_US).events[0], Traded)


def test_a_resting_order_waits_behind_the_recorded_size() -> None:
    records: list[Record] = [
        quote(0, "6500", "6500.25"),
        trade(2, "6500", 10, Side.SELL),
        trade(3, "6500", 1, Side.SELL),
    ]
    made = venue(market(records))
    made.pass_time(1)
    made.broker.submit(new_order(symbol=MES, limit="6500.00"), made.now_us)
    made.pass_time(1)
    assert not list(made.records.fills)
    made.pass_time(1)
    (fill,) = made.records.fills
    assert (fill.price, fill.at_us) == (D(6500), START_US + 3)


def test_a_stop_is_reached_by_a_recorded_trade() -> None:
    records: list[Record] = [quote(0, "6500", "6500.25"), trade(2, "6499", 1, Side.SELL), quote(3, "6498.75", "6499")]
    made = venue(market(records))
    made.pass_time(1)
    made.broker.submit(new_order(symbol=MES, side=Side.SELL, stop="6499.50"), made.now_us)
    made.pass_time(2)
    (fill,) = made.records.fills
    assert (fill.price, fill.at_us) == (D(6499), START_US + 2)


def test_after_the_end_the_market_is_closed_to_orders_and_those_that_work_can_be_cancelled() -> None:
    made = venue(market([quote(0, "6500", "6500.25"), trade(1, "6500", 1, Side.SELL)]))
    made.broker.submit(new_order("C1", symbol=MES, limit="6490.00"), made.now_us)
    made.pass_time(SECOND_US)
    assert made.tape.symbols[MES].status == CLOSED
    made.broker.submit(new_order("C2", symbol=MES), made.now_us)
    made.broker.cancel(OrderName("", "C1"), made.now_us)
    made.pass_time(SECOND_US)
    assert [(each.client_order_id, each.status) for each in made.records.orders] == [
        ("C1", OrderStatus.CANCELLED),
        ("C2", OrderStatus.REJECTED),
    ]
    assert list(made.records.fills) == []


def test_the_place_in_the_recording_is_remembered_with_the_orders() -> None:
    store = MemoryStore()
    made = venue(market([trade(0, "6500"), trade(5 * SECOND_US, "6501")]), store)
    made.pass_time(SECOND_US)
    made.rest()
    (state,) = [row["value"] for row in store.load()["values"] if row["name"] == "market"]
    assert market([trade(5 * SECOND_US, "6501")], state).now_us == START_US + SECOND_US


def test_a_product_of_others_is_listed_traded_and_paid_for() -> None:
    dax = replayed_contract("FDAXZ25", Facts(D(1), D(25), "EUR"))
    records = [
        RecordedQuote(dax.symbol, START_US + i, D(bid), D(bid + 1), D(5), D(5))
        for i, bid in enumerate((24_000, 24_010, 24_020))
    ]
    replayed = ReplayMarket([dax], iter(records), D(25))
    made = Venue(SimulatorSettings(Path()), MemoryStore(), START_US, replayed, [dax])
    (listed,) = exchanges(ExchangeListRequest(RequestID=1), made)
    (defined,) = search(SymbolSearchRequest(RequestID=2, SearchText="fdax"), made)
    assert (listed.Exchange, defined.Symbol, defined.Currency) == ("REPLAY", "FDAXZ25", "EUR")  # type: ignore[attr-defined]
    for side, name in ((Side.BUY, "C1"), (Side.SELL, "C2")):
        made.pass_time(1 if side is Side.SELL else 0)
        made.broker.submit(new_order(name, side, symbol=dax.symbol), made.now_us)
    assert [fill.price for fill in made.records.fills] == [D(24_001), D(24_010)]
    account = made.records.accounts.get("Sim1")
    assert account is not None
    assert account.realized == D("261.00")


# -- the same bytes twice


def run_of(file: Path, turns: list[float]) -> bytes:
    """Return what a client is sent that subscribes and trades, with wall time passing in the given turns."""
    replayed, listed = open_replay(ReplaySettings([file]))
    made = Venue(SimulatorSettings(Path(), venue="T1"), MemoryStore(), START_US, replayed, listed)
    client, sent = Session(Role.CLIENT, SessionSettings(), 0.0), bytearray()
    line = Line(
        SessionSettings(),
        made,
        LineFaults(),
        lambda: None,
        lambda reports: line.tell([report(each, made.contracts, made.broker.last_prices()) for each in reports]),
        0.0,
    )

    def talk() -> None:
        data = client.data_to_send()
        client.data_sent(len(data))
        line.receive(bytes(data), 0.0)
        answer = bytes(line.session.data_to_send())
        line.session.data_sent(len(answer))
        sent.extend(answer)
        client.receive_data(answer, 0.0)
        for _ in client.messages():
            continue

    for _ in range(3):
        talk()
    client.send(MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=MES))
    pacer, now, steps = Pacer(20.0, 0.0), 0.0, 0
    for turn in turns:
        now += turn
        for _ in range(pacer.due(now)):
            talk()
            happened = made.pass_time(pacer.step_us)
            line.tell_market(happened.events)
            line.tell([report(each, made.contracts, made.broker.last_prices()) for each in happened.reports])
            steps += 1
            if steps % 10 == 0 and steps <= 100:
                client.send(_order(steps // 10))
            if steps == 150:
                return bytes(sent)
    raise AssertionError(f"only {steps} steps in {turns[:3]}")


def _order(number: int) -> SubmitNewSingleOrder:
    """Return one of a row of orders: buys and sells, at the market and resting."""
    return SubmitNewSingleOrder(
        Symbol=MES,
        TradeAccount="Sim1",
        ClientOrderID=f"C{number}",
        OrderType=1 + number % 2,
        Price1=6500.0 + number / 4 if number % 2 else None,
        BuySell=1 + number // 2 % 2,
        Quantity=1,
    )


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "MESZ25.csv", rows(moments(2_000)))


def test_the_same_recording_and_the_same_orders_are_the_same_bytes(recorded: Path) -> None:
    even = run_of(recorded, [0.02] * 200)
    assert len(even) > 20_000
    assert even.count(b"T1-F") > 5
    assert run_of(recorded, [0.02] * 200) == even
    assert run_of(recorded, [0.001, 0.3, 0.0, 0.07] * 20) == even
    assert run_of(recorded, [0.9] * 5) == even
