"""Bracket templates of the settings are the trader's, exactly, or a sentence names the field that is wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from app.bracket_settings import SHIPPED, book_from_tables, book_to_tables
from app.config import StoredSettings, read_settings, write_settings
from core.errors import ConfigurationError
from core.model.bracket_template import BracketBook, BracketTemplate, Distance, TemplateTarget, Unit

D = Decimal
EVERY_FIELD = BracketTemplate(
    "all of it",
    Distance(D("2.5"), Unit.POINTS),
    (
        TemplateTarget(Distance(D(1), Unit.R), D("0.5")),
        TemplateTarget(Distance(D(30), Unit.TICKS), quantity=D(1)),
        TemplateTarget(Distance(D(400), Unit.MONEY), D("0.125")),
    ),
    breakeven_after=Distance(D("1.5"), Unit.R),
    trail=Distance(D(12), Unit.TICKS),
)
MINE = BracketBook(
    {"all of it": EVERY_FIELD, "cash": BracketTemplate("cash", Distance(D(100), Unit.MONEY))},
    default="cash",
    last={"ESZ5": "all of it"},
)


def test_brackets_survive_being_written_and_read(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD", brackets=MINE))
    assert read_settings(tmp_path).brackets == MINE


def test_settings_from_before_have_the_brackets_that_come_with_it(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('installation = "ABCD"\n')
    book = read_settings(tmp_path).brackets
    assert list(book.templates) == list(SHIPPED)
    assert (book.default, dict(book.last)) == ("", {})
    halves = book.templates["20t + 1R/2R"].targets
    assert [(one.share, str(one.at)) for one in halves] == [(D("0.5"), "1R"), (D("0.5"), "2R")]


def test_a_trader_who_wants_none_of_them_is_given_none(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('installation = "ABCD"\n[brackets]\n')
    assert read_settings(tmp_path).brackets == BracketBook()


def test_a_bracket_that_is_gone_is_forgotten_where_it_was_used_last() -> None:
    tables, _ = book_to_tables(MINE)
    del tables["all of it"]
    book = book_from_tables(tables, {"default": "none", "last": {"ESZ5": "all of it"}})
    assert (book.begins_with("ESZ5"), dict(book.last)) == ("", {})


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, '"mine"] has no stop'),
        ({"stop": "10 t t"}, '"mine"] stop is \'10 t t\', expected "10t" or "10 points" or "10 money"'),
        ({"stop": "1R"}, "\"mine\"] stop is '1R'"),
        ({"stop": "0t"}, "\"mine\"] stop is '0t'"),
        ({"stop": 10}, '"mine"] stop is 10'),
        ({"stop": "10t", "trail": "1R"}, '"mine"] trail is \'1R\', expected "10t"'),
        ({"stop": "10t", "breakeven_after": "5 points"}, '"mine"] breakeven_after is'),
        ({"stop": "10t", "targets": "2R"}, '"mine"] targets: expected a list'),
        ({"stop": "10t", "targets": ["1R"] * 5}, '"mine"] targets: expected a list of at most 4'),
        ({"stop": "10t", "targets": ["150% at 1R"]}, "expected a share of 1% to 100%"),
        ({"stop": "10t", "targets": ["60% at 1R", "60% at 2R"]}, "together are more than 100%"),
        ({"stop": "10t", "targets": ["half at 1R"]}, "targets is 'half at 1R'"),
        ({"stop": "10t", "target": "2R"}, '"mine"] target: expected one of stop, targets'),
        ("10t", '"mine"] must be a table'),
    ],
)
def test_what_cannot_be_a_bracket_is_named(table: object, says: str) -> None:
    with pytest.raises(ValueError) as refused:
        book_from_tables({"mine": table}, {})
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("brackets", "chosen", "says"),
    [
        ({"None": {"stop": "10t"}}, {}, "is not 'none'"),
        ({"a name that is far too long": {"stop": "10t"}}, {}, "1 to 16 characters"),
        ({}, {"default": "mine"}, "[bracket] default is 'mine'"),
        ({}, {"last": {"ES": 3}}, "[bracket.last] must hold texts only"),
        ({}, {"defualt": ""}, "[bracket] holds default and last only"),
        ([], {}, "[brackets] must hold tables"),
    ],
)
def test_what_cannot_be_chosen_is_named(brackets: object, chosen: object, says: str) -> None:
    with pytest.raises(ValueError) as refused:
        book_from_tables(brackets, chosen)
    assert says in str(refused.value)


def test_a_bracket_that_is_wrong_is_a_reason_not_to_start_and_the_file_is_left_alone(tmp_path: Path) -> None:
    text = 'installation = "ABCD"\n[brackets.mine]\nstop = "ten"\n'
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(ConfigurationError, match="stop is 'ten'"):
        read_settings(tmp_path)
    assert (tmp_path / "settings.toml").read_text() == text
