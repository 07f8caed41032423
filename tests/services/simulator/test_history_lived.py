"""What the market did is kept over an end, a kill and a broken file, and costs a bounded amount of memory."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services.simulator.history_lived import FOLDER, TRADES_KEPT, Lived
from services.simulator.orders import Side
from services.simulator.ports import Traded

SYMBOL = "ESZ26_FUT_CME"
OPENED = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ALL = datetime(2026, 1, 1, tzinfo=UTC)


def lived(folder: Path, at: datetime = OPENED, price: int = 6500) -> Lived:
    return Lived(folder, SYMBOL, at, Decimal(price))


def trade(minutes: float, price: int = 6500, size: int = 1) -> Traded:
    at_us = int((OPENED + timedelta(minutes=minutes)).timestamp() * 1_000_000)
    return Traded(SYMBOL, at_us, Decimal(price), Decimal(size), Side.BUY)


def file_of(folder: Path) -> Path:
    return folder / FOLDER / f"{SYMBOL}.csv"


def test_minutes_are_there_while_they_form_and_after_an_end(tmp_path: Path) -> None:
    before = lived(tmp_path)
    before.follow([trade(0.1), trade(0.5, 6502), trade(1.2, 6501, 3)])
    seen = before.minutes(ALL)
    assert [(bar.high, bar.volume) for bar in seen] == [(Decimal(6502), Decimal(2)), (Decimal(6501), Decimal(3))]
    before.close()
    before.close()
    after = lived(tmp_path, OPENED + timedelta(hours=1), 6600)
    assert after.minutes(ALL) == seen
    assert (after.opened_at, after.opened_price) == (OPENED, Decimal(6500))


def test_a_kill_costs_the_minute_that_formed(tmp_path: Path) -> None:
    before = lived(tmp_path)
    before.follow([trade(0.1), trade(1.2)])
    before.save()
    assert [bar.start for bar in lived(tmp_path).minutes(ALL)] == [OPENED]


def test_a_minute_that_was_ended_and_begun_again_is_one(tmp_path: Path) -> None:
    before = lived(tmp_path)
    before.follow([trade(0.1, 6500)])
    before.close()
    after = lived(tmp_path)
    after.follow([trade(0.6, 6505)])
    (bar,) = after.minutes(ALL)
    assert (bar.open, bar.close, bar.volume) == (Decimal(6500), Decimal(6505), Decimal(2))


def test_only_what_is_asked_for_is_returned(tmp_path: Path) -> None:
    kept = lived(tmp_path)
    kept.follow([trade(minute) for minute in range(10)])
    kept.save()
    assert [bar.start for bar in kept.minutes(OPENED + timedelta(minutes=8))] == [
        OPENED + timedelta(minutes=8),
        OPENED + timedelta(minutes=9),
    ]


def test_a_line_that_was_cut_off_or_spoilt_is_left_out(tmp_path: Path) -> None:
    kept = lived(tmp_path)
    kept.follow([trade(minute) for minute in range(5)])
    kept.save()
    text = file_of(tmp_path).read_text()
    file_of(tmp_path).write_text(text + "nonsense\n99999999999999999999,1,1,1,1,1,1,1,1\n1795186800000000,6500,65")
    assert len(lived(tmp_path).minutes(ALL)) == 4


@pytest.mark.parametrize("first", ["", "opened\n", "opened,x,y\n", "\udcff\n"])
def test_a_file_that_makes_no_sense_costs_history_only(
    tmp_path: Path, first: str, caplog: pytest.LogCaptureFixture
) -> None:
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).write_bytes(first.encode("utf-8", "surrogateescape"))
    kept = lived(tmp_path)
    kept.follow([trade(0), trade(1)])
    kept.save()
    assert len(kept.minutes(ALL)) == 2
    assert caplog.text.count("is not kept") == 1
    assert file_of(tmp_path).read_bytes() == first.encode("utf-8", "surrogateescape")


def test_a_folder_that_cannot_be_written_costs_history_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FOLDER).write_text("a file")
    kept = lived(tmp_path)
    kept.follow([trade(0), trade(1)])
    kept.save()
    assert len(kept.minutes(ALL)) == 2


def test_trades_in_memory_are_bounded(tmp_path: Path) -> None:
    kept = lived(tmp_path)
    kept.follow([trade(n / 1000) for n in range(TRADES_KEPT + 500)])
    assert len(kept.trades) == TRADES_KEPT
