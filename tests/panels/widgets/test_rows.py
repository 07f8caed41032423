"""The model of every table: filtered by words, sorted by value, and told of only as much as differs."""

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from panels.widgets.rows import Column, RowsModel

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@dataclass(frozen=True)
class Thing:
    """A row."""

    name: str
    price: Decimal | None = None
    is_loud: bool = False


def thing(name: str, price: str | None = None, is_loud: bool = False) -> Thing:
    """Return a row, its price from text."""
    return Thing(name, None if price is None else Decimal(price), is_loud)


@pytest.fixture
def model(qapp: QApplication) -> RowsModel[Thing]:
    columns: tuple[Column[Thing], ...] = (
        Column("Name", lambda row: row.name, 80),
        Column("Price", lambda row: "—" if row.price is None else f"{row.price}", 80, value=lambda row: row.price),
        Column("Action", lambda row: "Cancel", 60, action=True),
    )
    return RowsModel(columns, key=lambda row: row.name, pinned=lambda row: row.is_loud)


def names(model: RowsModel[Thing]) -> list[str]:
    """Return what is shown, top to bottom."""
    return [row.name for row in model.rows]


def test_rows_are_sorted_by_value_and_never_by_text(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("a", "9.5"), thing("b", "-10.25"), thing("c", "100"), thing("d", "1E+1")])
    model.sort(1, UP)
    assert names(model) == ["b", "a", "d", "c"]
    model.sort(1, DOWN)
    assert names(model) == ["c", "d", "a", "b"]


def test_unknown_values_stand_last_either_way(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("a"), thing("b", "2"), thing("c", "1")])
    model.sort(1, UP)
    assert names(model) == ["c", "b", "a"]
    model.sort(1, DOWN)
    assert names(model) == ["b", "c", "a"]


def test_without_a_column_the_order_given_is_back(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("b"), thing("a")])
    model.sort(0, UP)
    assert names(model) == ["a", "b"]
    model.sort(-1, UP)
    assert names(model) == ["b", "a"]


def test_what_must_be_read_stays_on_top_however_the_rows_are_sorted(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("a", "1"), thing("b", "2"), thing("c", "3", is_loud=True)])
    assert names(model) == ["c", "a", "b"]
    model.sort(1, UP)
    assert names(model) == ["c", "a", "b"]
    model.set_rows([thing("a", "1"), thing("b", "2"), thing("c", "3")])
    assert names(model) == ["a", "b", "c"]


def test_a_filter_takes_words_in_any_order_of_any_column_but_the_actions(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("Alpha", "1.25"), thing("Beta", "1.25"), thing("Alpine", "2")])
    model.filter_by("1.25 alp")
    assert names(model) == ["Alpha"]
    model.filter_by("cancel")
    assert names(model) == []
    model.filter_by("")
    assert names(model) == ["Alpha", "Beta", "Alpine"]
    assert len(model.given) == 3


def test_a_row_that_changes_is_filtered_anew(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("a", "1"), thing("b", "2")])
    model.filter_by("2")
    model.set_rows([thing("a", "2"), thing("b", "3")])
    assert names(model) == ["a"]


def test_under_the_pointer_sorted_rows_stay_where_they_are(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("a", "1"), thing("b", "2")])
    model.sort(1, UP)
    model.is_held = True
    model.set_rows([thing("a", "9"), thing("b", "2"), thing("c", "0")])
    assert names(model) == ["a", "b", "c"]
    model.is_held = False
    model.set_rows([thing("a", "9"), thing("b", "2"), thing("c", "1")])
    assert names(model) == ["c", "b", "a"]


def test_rows_with_one_key_are_all_shown(model: RowsModel[Thing]) -> None:
    model.set_rows([thing("a", "1"), thing("a", "2")])
    model.set_rows([thing("a", "1"), thing("a", "2"), thing("a", "3")])
    assert [row.price for row in model.rows] == [1, 2, 3]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_and_goes_views_are_told_truly_and_a_chosen_row_stays_chosen(
    model: RowsModel[Thing], seed: int
) -> None:
    rng = Random(seed)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    every = [thing(f"row {number}", str(number)) for number in range(30)]
    held: list[Any] = [every[0]]
    model.set_rows(held)
    chosen = QPersistentModelIndex(model.index(0, 0))
    for _ in range(40):
        others = rng.sample(every[1:], rng.randrange(8))
        held = [*others, replace(every[0], price=Decimal(rng.randrange(99)))]
        rng.shuffle(held)
        model.set_rows(held)
        model.sort(rng.choice((-1, 0, 1)), rng.choice((UP, DOWN)))
        assert chosen.isValid() and model.at(chosen.row()).name == "row 0"
        assert sorted(names(model)) == sorted(row.name for row in held)
    del tester
