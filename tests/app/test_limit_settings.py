"""The limits a trader writes into his settings are his limits, exactly, or a sentence says what is wrong."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import StoredSettings, read_settings, write_settings
from app.limit_settings import limits_from_table
from core.errors import ConfigurationError
from core.model.sanity import SanityLimits
from core.model.sanity_texts import limits_to_texts

MINE = SanityLimits(Decimal("0.5"), Decimal(2), Decimal("0.01"), repeat_within=timedelta(seconds=2.5))


def test_limits_survive_being_written_and_read(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD", limits=MINE))
    assert read_settings(tmp_path).limits == MINE
    assert limits_from_table(limits_to_texts(MINE)) == MINE


def test_settings_from_before_have_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('installation = "ABCD"\n')
    assert read_settings(tmp_path).limits == SanityLimits()


def test_what_is_not_named_keeps_its_default() -> None:
    assert limits_from_table({"quantity_soft": "3"}) == replace(SanityLimits(), quantity_soft=Decimal(3))
    assert limits_from_table({"quantity_soft": 3}).quantity_soft == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('quantity_soft = "many"', "expected a number"),
        ("quantity_soft = nan", "expected a number"),
        ("quantity_soft = -1", "expected a number"),
        ("quantity_soft = true", "expected a number"),
        ('quantity_soft = "200"', "quantity_soft is above quantity_hard"),
        ('quantity = "1"', r"\[limits\] quantity: expected one of"),
    ],
)
def test_a_limit_that_cannot_be_one_is_told_and_the_file_left_alone(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'installation = "ABCD"\n[limits]\n{text}\n')
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=says):
        read_settings(tmp_path)
    assert path.read_bytes() == before
