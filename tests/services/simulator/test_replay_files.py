"""Files and folders to one market, and where a run that is continued stands."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from services.simulator.ports import Traded
from services.simulator.replay_contracts import Facts
from services.simulator.replay_files import ReplaySettings, open_replay, remembered
from tests.services.simulator.recordings import (
    SECOND_US,
    START_US,
    moments,
    rows,
    scid_records,
    write_csv,
    write_parquet,
    write_scid,
)

D = Decimal
TRADES = "time,price,size"


def test_the_three_formats_are_one_market(tmp_path: Path) -> None:
    made = moments(500)
    files = [
        write_csv(tmp_path / "MESZ25.csv", rows(made)),
        write_parquet(tmp_path / "MESZ25.parquet", rows(made)),
        write_scid(tmp_path / "MESZ25_FUT_CME.scid", scid_records(made)),
    ]
    markets = [open_replay(ReplaySettings([file]))[0] for file in files]
    first, *others = [repr([*market.opening(), *market.step(60 * SECOND_US)]) for market in markets]
    assert first.count("Traded(") == 500
    assert others == [first, first]


def test_a_folder_is_all_its_recordings_in_order_of_time(tmp_path: Path) -> None:
    write_csv(tmp_path / "b.csv", rows(moments(20), "MESZ25"))
    write_csv(tmp_path / "a.CSV", rows(moments(30), "ESZ25"))
    write_csv(tmp_path / "notes.txt", [])
    market, listed = open_replay(ReplaySettings([tmp_path]))
    events = market.step(60 * SECOND_US)
    assert [contract.symbol for contract in listed] == ["ESZ25_FUT_CME", "MESZ25_FUT_CME"]
    assert [event.at_us for event in events] == sorted(event.at_us for event in events)
    assert sum(isinstance(event, Traded) for event in events) == 50


def test_only_the_wanted_symbols_are_replayed(tmp_path: Path) -> None:
    both = sorted(rows(moments(5), "MESZ25") + rows(moments(5), "ESZ25"), key=lambda line: line[:16])
    file = write_csv(tmp_path / "two.csv", both)
    market, listed = open_replay(ReplaySettings([file], symbols=["ESZ5"]))
    assert [contract.symbol for contract in listed] == ["ESZ25_FUT_CME"]
    assert {event.symbol for event in market.step(SECOND_US)} == {"ESZ25_FUT_CME"}


def test_a_symbol_that_comes_late_is_replayed_when_it_was_named(tmp_path: Path) -> None:
    many = moments(6_000, 1_000)
    late = f"{START_US + 9_000_000},ESZ25,trade,6500,1,,,,,"
    file = write_csv(tmp_path / "late.csv", [*rows(many, "MESZ25"), late])
    _, listed = open_replay(ReplaySettings([file]))
    assert [contract.symbol for contract in listed] == ["MESZ25_FUT_CME"]
    market, listed = open_replay(ReplaySettings([file], symbols=["MESZ25", "ESZ25"]))
    assert "ESZ25_FUT_CME" in [contract.symbol for contract in listed]
    assert market.step(10 * SECOND_US)[-3].symbol == "ESZ25_FUT_CME"


def test_a_file_without_symbols_is_of_the_symbol_named_or_of_its_name(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "NQZ25.csv", [f"{START_US},25000,1"], TRADES)
    assert open_replay(ReplaySettings([file]))[1][0].symbol == "NQZ25_FUT_CME"
    assert open_replay(ReplaySettings([file], symbols=["MNQZ5"]))[1][0].symbol == "MNQZ25_FUT_CME"


def test_of_a_folder_of_files_without_symbols_the_wanted_ones_are_those_named_so_or_not_at_all(tmp_path: Path) -> None:
    write_scid(tmp_path / "ESZ25.scid", scid_records(moments(9)))
    write_scid(tmp_path / "MESZ25_FUT_CME.scid", scid_records(moments(5)))
    write_csv(tmp_path / "more trades.csv", [f"{START_US + 7},6500,1"], TRADES)
    write_scid(tmp_path / "NQZ25.scid", [])
    market, listed = open_replay(ReplaySettings([tmp_path], symbols=["MESZ25"]))
    assert [contract.symbol for contract in listed] == ["MESZ25_FUT_CME"]
    assert sum(isinstance(event, Traded) for event in market.step(60 * SECOND_US)) == 6
    _, listed = open_replay(ReplaySettings([tmp_path], symbols=["MESZ25", "ESZ25"]))
    assert [contract.symbol for contract in listed] == ["ESZ25_FUT_CME", "MESZ25_FUT_CME"]


def test_prices_are_multiplied_and_sizes_made_up_as_told(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "MESZ25.csv", [f"{START_US},650025,1"], TRADES)
    market, _ = open_replay(ReplaySettings([file], price_multiplier=D("0.01"), shown_size=D(7)))
    shown = market.step(1)[0]
    assert (shown.bids, shown.asks) == (((D("6500.00"), D(7)),), ((D("6500.25"), D(7)),))  # type: ignore[union-attr]


def test_it_begins_at_the_wanted_time(tmp_path: Path) -> None:
    file = write_scid(tmp_path / "MESZ25.scid", scid_records(moments(100)))
    market, _ = open_replay(ReplaySettings([file], from_us=START_US + 5_050_000))
    assert market.now_us == START_US + 5_100_000


@pytest.mark.parametrize(
    ("name", "lines", "words"),
    [
        ("MESZ25.csv", [], "holds no trades or quotes"),
        ("FDAXZ25.csv", [f"{START_US},24000,1"], "tell what it is with --tick-size"),
        ("MESZ25.csv", [f"{START_US},6500.1,1"], "no multiple of its tick 0.25"),
        ("MESZ25.txt", [f"{START_US},6500,1"], "expected a name ending in .csv, .parquet, .scid"),
    ],
)
def test_what_cannot_be_replayed_is_refused_before_it_begins(
    tmp_path: Path, name: str, lines: list[str], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        open_replay(ReplaySettings([write_csv(tmp_path / name, lines, TRADES)]))


def test_an_empty_folder_and_a_time_after_the_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no recordings"):
        open_replay(ReplaySettings([tmp_path]))
    file = write_csv(tmp_path / "MESZ25.csv", rows(moments(3)))
    with pytest.raises(ConfigurationError, match="nothing to replay"):
        open_replay(ReplaySettings([file], from_us=START_US + 60 * SECOND_US))


@pytest.mark.parametrize("wrong", [{"price_multiplier": D(0)}, {"shown_size": D(-1)}, {"shown_size": D("inf")}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ConfigurationError, match="expected more than 0"):
        ReplaySettings([], facts=Facts(), **wrong)  # type: ignore[arg-type]


def test_a_continued_run_stands_at_the_last_thing_that_was_remembered() -> None:
    market = {"name": "market", "value": '{"now_us": 1000, "last": {"ES": "6500"}}'}
    assert remembered({}) == ""
    assert remembered({"values": [{"name": "venue", "value": "AB12"}]}) == ""
    stored = {"values": [market], "fills": [{"at_us": "1500"}], "orders": [{"updated_us": "700"}]}
    assert remembered(stored) == '{"now_us": 1500, "last": {"ES": "6500"}}'
