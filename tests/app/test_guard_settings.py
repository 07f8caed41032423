"""The limits a trader writes for an account are that account's limits, exactly, or a sentence says what is wrong."""

from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import StoredSettings, read_settings, write_settings
from app.guard_settings import guards_from_table
from core.errors import ConfigurationError
from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, NewsWindow, ProfitFloor, PropFloor
from core.model.scope import AccountKey

D = Decimal
KEY = AccountKey("sierra", "ACCT/123")
EVERYTHING = """
installation = "ABCD"
[guards."sierra/ACCT/123"]
day_loss = "500"
day_loss_then = "flatten"
profit_floor = "300.50"
profit_floor_from = 500
prop_floor = "2000"
prop_floor_shape = "end_of_day"
prop_floor_start = "50000"
prop_floor_peak = "51200"
prop_floor_freeze = "50100"
trades = 5
size = "3"
flat_by = "15:10"
news = ["2026-11-20T07:25-06:00/2026-11-20T13:35Z"]
news_then = "warn"
"""
RULES = GuardRules(
    day_loss=D(500),
    profit_floor=ProfitFloor(D("300.50"), D(500)),
    prop_floor=PropFloor(FloorShape.END_OF_DAY, D(2000), D(50000), D(51200), D(50100)),
    trades=5,
    size=D(3),
    flat_by=time(15, 10),
    news=(NewsWindow(datetime(2026, 11, 20, 13, 25, tzinfo=UTC), datetime(2026, 11, 20, 13, 35, tzinfo=UTC)),),
    actions={Guard.DAY_LOSS: GuardAction.FLATTEN, Guard.NEWS: GuardAction.WARN},
)


def test_every_rule_is_read_and_survives_being_written_and_read(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(EVERYTHING)
    settings = read_settings(tmp_path)
    assert dict(settings.guards) == {KEY: RULES}
    write_settings(tmp_path, settings)
    assert read_settings(tmp_path) == settings


def test_settings_from_before_have_no_limits_of_accounts(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('installation = "ABCD"\n')
    assert dict(read_settings(tmp_path).guards) == {}
    write_settings(tmp_path, StoredSettings("ABCD"))
    assert dict(read_settings(tmp_path).guards) == {}


def test_where_nothing_is_said_entries_are_blocked() -> None:
    rules = guards_from_table({"sim/Sim1": {"day_loss": "1"}})[AccountKey("sim", "Sim1")]
    assert {rules.action(guard) for guard in Guard} == {GuardAction.BLOCK}


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("day_loss = 0", "above 0"),
        ("day_loss = -5", "above 0"),
        ('day_loss = "lots"', "expected a number"),
        ("day_loss = nan", "expected a number"),
        ("day_los = 5", "expected one of"),
        ('day_loss_then = "shout"', "warn, block, flatten"),
        ("trades = 1.5", "whole number"),
        ("profit_floor_from = 5", "needs profit_floor"),
        ("prop_floor = 5", "prop_floor_shape"),
        ("prop_floor_start = 5", "needs prop_floor"),
        ('prop_floor = 5\nprop_floor_shape = "round"', "static, end of day, intraday"),
        ('prop_floor = 5\nprop_floor_shape = "static"\nprop_floor_freeze = 9', "neither peak nor freeze"),
        ('flat_by = "25:00"', "a time in Chicago"),
        ('flat_by = "15"', "a time in Chicago"),
        ('news = "now"', "a list"),
        ('news = ["2026-11-20T13:25/2026-11-20T13:35"]', "BEGIN/END"),
        ('news = ["2026-11-20T13:35Z/2026-11-20T13:25Z"]', "ends before it begins"),
    ],
)
def test_a_rule_that_cannot_be_one_is_refused_with_its_account(tmp_path: Path, rules: str, says: str) -> None:
    (tmp_path / "settings.toml").write_text(f'installation = "ABCD"\n[guards."sim/Sim1"]\n{rules}\n')
    with pytest.raises(ConfigurationError, match=says) as error:
        read_settings(tmp_path)
    assert 'guards."sim/Sim1"' in str(error.value)


@pytest.mark.parametrize("place", ["sim", "/Sim1", "sim/"])
def test_a_place_that_is_no_account_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="CONNECTION/ACCOUNT"):
        guards_from_table({place: {}})
