"""Why something typed into the settings cannot be used; empty when it can. Pure."""

from collections.abc import Callable
from datetime import time
from decimal import Decimal

from panels.parsing import InputRefused, parse_amount

Check = Callable[[str], str]


def whole(least: int, most: int, may_be_empty: bool = False) -> Check:
    """Return a check for a whole number between two."""

    def check(text: str) -> str:
        if may_be_empty and not text:
            return ""
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            return f"{text[:20]!r} is not a whole number from {least} to {most}."
        return ""

    return check


def amount(name: str, may_be_empty: bool = False) -> Check:
    """Return a check for a number of 0 or more."""

    def check(text: str) -> str:
        if may_be_empty and not text:
            return ""
        try:
            parse_amount(text, name)
        except InputRefused as refused:
            return str(refused)
        return ""

    return check


def wall_time(text: str) -> str:
    """Check a time such as 22:00; empty is none."""
    if not text:
        return ""
    try:
        time.fromisoformat(text)
    except ValueError:
        return f"{text[:20]!r} is not a time such as 22:00."
    return "" if len(text) == len("22:00") else f"{text[:20]!r} is not a time such as 22:00."


def anything(text: str) -> str:
    """Find nothing wrong."""
    return ""


def printable(text: str) -> str:
    """Check a short text that a person reads."""
    return "" if text.isprintable() else "It holds a character that cannot be seen."


def plain(value: Decimal | None) -> str:
    """Return a number as it is typed: no thousands, no empty decimals; empty for none."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
