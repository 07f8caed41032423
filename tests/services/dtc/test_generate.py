"""The generated files are what the generator writes, and say what the protocol's description says."""

import re
from typing import Any, get_args

import pytest

from services.dtc import enums
from services.dtc.generate import HERE, MODULES, OTHER_UNION_MEMBERS, generated_files
from services.dtc.layout import layout_of
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import BY_TYPE, MESSAGES, SHORT_FORM
from tests.services.dtc.wire import DESCRIBED

SPINE = (
    *(1, 2, 3, 5, 6, 7, 101, 103, 104, 107, 108, 112, 117, 203, 208, 209),
    *(*range(300, 309), 400, 401, 506, 507, 509, 600, 601, 602, 700, 701),
)


def described_fields(cls: type[Message]) -> list[dict[str, Any]]:
    """Return the fields behind the header, of two in one place the one that was chosen."""
    fields = DESCRIBED[cls.TYPE]["fields"][2:]
    return [field for field in fields if field["name"] != OTHER_UNION_MEMBERS.get(cls.TYPE)]


def test_the_committed_files_are_what_the_generator_writes() -> None:
    for path, written in generated_files().items():
        assert (HERE / path).read_text(encoding="utf-8") == written, f"{path}: run python -m services.dtc.generate"


def test_no_generated_file_is_left_over() -> None:
    generated = {path.removeprefix("messages/") for path in generated_files()}
    assert {path.name for path in (HERE / "messages").glob("*.py")} - generated == {"__init__.py", "base.py"}


def test_every_message_the_terminal_needs_has_a_class() -> None:
    assert set(SPINE) <= set(BY_TYPE)
    assert len(MESSAGES) == sum(len(numbers) for _, numbers in MODULES.values())


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_a_class_has_the_fields_and_places_of_the_description(cls: type[Message]) -> None:
    described = DESCRIBED[cls.TYPE]
    assert described["struct_size"] == cls.SIZE
    assert cls.__struct_config__.tag == cls.TYPE
    places = [(place.name, place.at.offset, place.size) for place in layout_of(cls).places]
    assert places == [(field["name"], field["offset"], field["size"]) for field in described_fields(cls)]


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_the_short_form_has_the_fields_of_the_description_in_its_order(cls: type[Message]) -> None:
    described = DESCRIBED[cls.TYPE]
    assert (cls.TYPE in SHORT_FORM) == (described.get("compact_json") == "documented")
    order = [field["compact_json_index"] for field in described_fields(cls) if "compact_json_index" in field]
    assert order in ([], list(range(len(layout_of(cls).places))))


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_every_number_that_may_be_unset_is_none_by_default(cls: type[Message]) -> None:
    blank = cls()
    for field in described_fields(cls):
        may_be_unset = field["ctype"].startswith("float") or (isinstance(field["default"], str) and field["default"])
        if may_be_unset and not field["ctype"].startswith("char"):
            assert getattr(blank, field["name"]) is None
            assert type(None) in get_args(get_args(cls.__annotations__[field["name"]])[0])
        else:
            assert getattr(blank, field["name"]) == field["default"]


def test_every_enumeration_a_field_names_exists() -> None:
    for path, source in generated_files().items():
        if path.startswith("messages/"):
            for name in re.findall(r"  # (\w+)$", source, re.MULTILINE):
                assert hasattr(enums, name), name
