"""What crosses between threads: every message is in the union, and none of it can be changed on the way."""

import dataclasses
import importlib
import pkgutil
import typing
from enum import Enum
from types import ModuleType

import pytest

import core.model
from core import announcement, broker_report, events, market_board, ports, queries, snapshot
from core.messages import Command, Event, Message


def classes_of(module: ModuleType) -> list[type]:
    return [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]


def models() -> list[ModuleType]:
    return [importlib.import_module(f"core.model.{one.name}") for one in pkgutil.iter_modules(core.model.__path__)]


def public_values() -> list[type]:
    modules = [*models(), *commanding(), announcement, broker_report, events, market_board, ports, queries, snapshot]
    found = [one for module in modules for one in classes_of(module) if dataclasses.is_dataclass(one)]
    return [one for one in found if not one.__name__.startswith("_")]


def commanding() -> list[ModuleType]:
    """Return core.commands and the modules of commands of one subject beside it."""
    names = [one.name for one in pkgutil.iter_modules(core.__path__) if one.name.endswith("commands")]
    return [importlib.import_module(f"core.{name}") for name in names]


@pytest.mark.parametrize(("modules", "union"), [([events], Event), (commanding(), Command)], ids=["events", "commands"])
def test_every_event_and_command_is_a_message(modules: list[ModuleType], union: object) -> None:
    written = {one for module in modules for one in classes_of(module) if dataclasses.is_dataclass(one)}
    # An announcement is an event that stands by itself, for those who need nothing else of them.
    assert written == set(typing.get_args(union)) - {events.Announcement}
    assert written <= set(typing.get_args(Message))


@pytest.mark.parametrize("value", public_values(), ids=lambda one: one.__name__)
def test_a_value_is_frozen(value: type) -> None:
    parameters = value.__dataclass_params__  # type: ignore[attr-defined]
    assert parameters.frozen, f"{value.__name__} can be changed by whoever holds it"


def test_the_values_are_found() -> None:
    names = {one.__name__ for one in public_values()}
    assert {"Fill", "Position", "Order", "Snapshot", "SubmitOrder", "FillReceived", "TickBatch"} <= names


def test_no_message_is_both_an_event_and_a_command() -> None:
    assert not set(typing.get_args(Event)) & set(typing.get_args(Command))


def test_closed_sets_are_stored_by_words_that_are_unique() -> None:
    enums = [one for module in [*models(), events, snapshot] for one in classes_of(module) if issubclass(one, Enum)]
    assert len(enums) > 10
    for one in enums:
        values = [member.value for member in one]
        assert len(set(values)) == len(one.__members__), one
