"""The [brackets] of settings.toml: exits under a name, as texts, and which of them a ticket begins with.

[brackets."20t + 1R/2R"]
stop = "20t"                             # ticks; also "5 points", "100 money" (of the whole order)
targets = ["50% at 1R", "50% at 2R"]     # at most four; "1 at 30t" is one contract, "2R" alone is all that is left
breakeven_after = "20t"                  # or "1R"
trail = "12t"

[bracket]
default = "20t + 1R/2R"                  # attached to every new entry; "" for none
"""

from collections.abc import Mapping
from typing import Any

from core.model.bracket_template import BracketBook
from core.model.bracket_texts import NONE, template_from_texts, template_to_texts

SHIPPED: Mapping[str, Mapping[str, Any]] = {
    "10t": {"stop": "10t"},
    "10t + 2R": {"stop": "10t", "targets": ["2R"]},
    "20t + 1R/2R": {"stop": "20t", "targets": ["50% at 1R", "50% at 2R"]},
}


def book_from_tables(brackets: object, chosen: object) -> BracketBook:
    """Return the templates of [brackets] with the choices of [bracket].

    Raises:
        ValueError: what cannot be used, by name.
    """
    if not isinstance(brackets, dict):
        raise ValueError('[brackets] must hold tables such as [brackets."10t"]')
    templates = {name: template_from_texts(name, table) for name, table in brackets.items()}
    if not isinstance(chosen, dict) or set(chosen) - {"default", "last"}:
        raise ValueError("[bracket] holds default and last only")
    default, last = chosen.get("default", ""), chosen.get("last", {})
    if not isinstance(default, str) or (default not in templates and default not in ("", NONE)):
        raise ValueError(f'[bracket] default is {default!r}, expected the name of a bracket, or "" for none')
    if not isinstance(last, dict) or not all(isinstance(name, str) for name in last.values()):
        raise ValueError("[bracket.last] must hold texts only")
    # A name that is gone was a template once; it is no reason not to start.
    known = {symbol: name for symbol, name in last.items() if name in templates}
    return BracketBook(templates, "" if default == NONE else default, known)


def book_to_tables(book: BracketBook) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return the tables [brackets] and [bracket]."""
    return {name: template_to_texts(one) for name, one in book.templates.items()}, {
        "default": book.default,
        "last": {**book.last},
    }
