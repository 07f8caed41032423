"""What a trader writes that a fill costs is what it costs, to the last digit."""

from decimal import Decimal
from pathlib import Path

import pytest

from app.commission_settings import schedule_of
from app.config import StoredSettings, read_settings, write_settings
from core.errors import ConfigurationError
from core.model.commission import CommissionSchedule
from core.model.scope import AccountKey

TEXT = """installation = "ABCD"
[commissions.sierra]
ES = "2.25"
MES = 0.62
[commissions."sierra/ACCT-1"]
ES = "1.90"
"""


def cost(folder: Path, account: str, symbol: str) -> Decimal | None:
    practice = CommissionSchedule(defaults={"sim": {"ES": Decimal(9)}})
    schedule = schedule_of(read_settings(folder).commissions, practice)
    place, _, name = account.partition("/")
    return schedule.cost(AccountKey(place, name), symbol, Decimal(2))


@pytest.mark.parametrize(
    ("account", "symbol", "expected"),
    [
        ("sierra/ACCT-2", "ESZ26_FUT_CME", "4.50"),
        ("sierra/ACCT-2", "MESZ26_FUT_CME", "1.24"),
        ("sierra/ACCT-1", "ESZ26_FUT_CME", "3.80"),
        ("sierra/ACCT-1", "MESZ26_FUT_CME", "1.24"),
        ("sierra/ACCT-1", "NQZ26_FUT_CME", None),
        ("elsewhere/ACCT-1", "ESZ26_FUT_CME", None),
        ("sim/Sim1", "ESZ26_FUT_CME", "18"),
    ],
)
def test_an_account_goes_before_its_connection(tmp_path: Path, account: str, symbol: str, expected: str | None) -> None:
    (tmp_path / "settings.toml").write_text(TEXT)
    assert cost(tmp_path, account, symbol) == (None if expected is None else Decimal(expected))


def test_rates_survive_being_written_and_read(tmp_path: Path) -> None:
    rates = {"sierra": {"ES": Decimal("2.25")}, "sierra/A": {"6E": Decimal("0")}}
    write_settings(tmp_path, StoredSettings("ABCD", commissions=rates))
    assert read_settings(tmp_path).commissions == rates


@pytest.mark.parametrize("text", ['ES = "2.25"', '[commissions.x]\nES = "free"', "[commissions.x]\nES = -1"])
def test_a_rate_that_cannot_be_one_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(f'installation = "ABCD"\n[commissions]\n{text}\n')
    with pytest.raises(ConfigurationError, match="commissions"):
        read_settings(tmp_path)
