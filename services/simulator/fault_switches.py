"""The names of what can be made to go wrong, and the words each of them takes. Pure.

One table serves the control file, whose values are JSON, and the command line, where everything is text:

    --fault NAME[:key=value,…]      --fault reorder:types=ORDER_UPDATE,behind=2,after=20

A comma that no `key=` follows belongs to the value before it, so `types=301,306` and `text=No, thanks` need no quotes.
`after` is in seconds of the wall clock since the simulator began to listen, whatever its speed. Messages may be named
by number or by name. What each verb does is told in `control`.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from core.errors import ConfigurationError
from services.dtc.enums import LogonStatusEnum
from services.dtc.messages import connection, order_entry
from services.dtc.messages.catalog import MESSAGES
from services.simulator.broker_faults import EXITS

_COMMA: Final = re.compile(r",(?=\w+=)")
_YES: Final = ("yes", "on", "true", "1")
_NO: Final = ("no", "off", "false", "0")
_UNTOLD: Final = (connection.__name__, order_entry.__name__)
_TOLD: Final = {
    each.TYPE: each.__name__
    for each in MESSAGES
    if each.__module__ not in _UNTOLD and not each.__name__.endswith("Request")
}
_NUMBERS: Final = {name.lower(): number for number, name in _TOLD.items()}


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault the simulator was started with.

    Attributes:
        after_s: seconds of the wall clock from the beginning of listening.
    """

    verb: str
    arguments: Mapping[str, Any]
    after_s: float = 0.0


def text(value: Any) -> str:
    """Return a text.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    return value


def flag(value: Any) -> bool:
    """Return yes or no, also in words.

    Raises:
        ValueError: it is neither.
    """
    word = str(value).lower()
    if word not in _YES + _NO:
        raise ValueError(f"{value!r} is neither yes nor no")
    return word in _YES


def count(value: Any) -> int:
    """Return a whole number of 0 or more.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not str(value).isdecimal():
        raise ValueError(f"{value!r} is not a whole number; expected 0 or more")
    return int(str(value))


def logon_result(value: Any) -> LogonStatusEnum:
    """Return how a logon is refused.

    Raises:
        ValueError: it is not one of the numbers of a refusal.
    """
    refusals = [each for each in LogonStatusEnum if each > LogonStatusEnum.LOGON_SUCCESS]
    for each in refusals:
        if str(value) == str(each.value):
            return each
    raise ValueError(f"{value!r} is no refusal; expected {', '.join(str(each.value) for each in refusals)}")


def length(value: Any) -> float:
    """Return a stretch of time, in the unit its name ends with.

    Raises:
        ValueError: it is not a finite number of 0 or more.
    """
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError(f"{value!r} cannot be used; expected 0 or more")
    return number


def amount(value: Any) -> Decimal:
    """Return a quantity or price.

    Raises:
        ValueError: it is not a finite number.
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


def exits(value: Any) -> str:
    """Return which exits of a bracket are meant.

    Raises:
        ValueError: it is none of the words for them.
    """
    if value not in EXITS:
        raise ValueError(f"{value!r} is no exit; expected {', '.join(EXITS)}")
    return str(value)


def types(value: Any) -> list[int]:
    """Return the numbers of messages a server sends, named one by one, in a list, or with commas.

    Raises:
        ValueError: there is no such message, or the simulator's lines do not tell it by themselves.
    """
    named = value if isinstance(value, list | tuple) else str(value).split(",")
    if not named:
        raise ValueError("no message is named")
    return [_number(each) for each in named]


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb takes.

    Attributes:
        takes: how each argument is read.
        needs: those that may not be missing.
    """

    takes: Mapping[str, Callable[[Any], Any]]
    needs: tuple[str, ...] = ()


_SWITCH: Final = Verb({"on": flag})
_PICK: Final = {"types": types, "count": count, "skip": count, "unasked": flag}

# What a person may name before anything runs, and so on the command line too.
SWITCHES: Final[Mapping[str, Verb]] = {
    "drop": Verb({"reset": flag}),
    "half_open": _SWITCH,
    "restart": Verb({"ms": length, "memory": flag}),
    "logoff": Verb({"reason": text, "do_not_reconnect": flag}),
    "refuse_connections": _SWITCH,
    "refuse_logon": Verb({"count": count, "text": text, "result": logon_result}),
    "delay": Verb({"ms": length, "types": types}, ("ms",)),
    "duplicate": Verb(_PICK, ("types",)),
    "reorder": Verb({**_PICK, "behind": count}, ("types",)),
    "mute": Verb(_PICK, ("types",)),
    "reject": Verb({"count": count, "text": text}),
    "reject_stop": Verb({"count": count, "text": text}),
    "reject_child": Verb({"count": count, "which": exits, "text": text}),
    "no_oco": _SWITCH,
    "hold_acks": Verb({"ms": length}),
    "hold_fills": _SWITCH,
    "cancel_ack": Verb({"on": flag, "effect": flag}),
    "latency": Verb({"ms": length}),
    "forget_orders": Verb({"fills": flag}),
    "feed_down": _SWITCH,
    "freeze": _SWITCH,
}
# What needs something that is known only while it runs: an order, an account, a listed symbol.
VERBS: Final[Mapping[str, Verb]] = {
    **SWITCHES,
    "feed_down": Verb({**_SWITCH.takes, "symbol": text}),
    "halt": Verb({"symbol": text, "on": flag}, ("symbol",)),
    "fill_now": Verb({"server_order_id": text, "client_order_id": text, "quantity": amount, "price": amount}),
    "set_position": Verb(
        {
            "account": text,
            "symbol": text,
            "quantity": amount,
            "price": amount,
            "with_fills": flag,
            "quiet": flag,
        },
        ("account", "symbol", "quantity"),
    ),
    "reset_account": Verb({"account": text}, ("account",)),
    "state": Verb({}),
}


def read_arguments(name: str, verb: Verb, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a verb as what they mean; None is as good as not given.

    Raises:
        ValueError: one is unknown, missing or makes no sense; the sentence says which, and what is possible.
    """
    for key in given:
        if key not in verb.takes:
            raise ValueError(f"{name} has no {key!r}; expected {', '.join(verb.takes) or 'nothing'}")
    for key in verb.needs:
        if given.get(key) is None:
            raise ValueError(f"{name} needs {key}")
    read = {}
    for key, value in given.items():
        if value is not None:
            try:
                read[key] = verb.takes[key](value)
            except ValueError as error:
                raise ValueError(f"{name}: {key} {error}") from error
    return read


def planned_fault(words: str) -> PlannedFault:
    """Return a fault that is written as on the command line.

    Raises:
        ConfigurationError: one sentence; an unknown name is answered with the possible ones.
    """
    written, _, rest = words.partition(":")
    name = underscored(written)
    if name not in SWITCHES:
        raise ConfigurationError(f"--fault {written}: there is no such fault; expected one of {', '.join(SWITCHES)}.")
    try:
        given: dict[str, Any] = dict(_pair(piece) for piece in _COMMA.split(rest) if rest)
        verb = SWITCHES[name]
        timed = Verb({**verb.takes, "after": length}, verb.needs)
        arguments = read_arguments(name, timed, given)
        return PlannedFault(name, arguments, arguments.pop("after", 0.0))
    except ValueError as error:
        raise ConfigurationError(f"--fault {words}: {error}.") from error


def underscored(name: str) -> str:
    """Return the name of a fault as it is kept; a person may write it with hyphens."""
    return name.replace("-", "_")


def summary() -> str:
    """Return every switch of the command line with what it takes, in one line."""
    shown = (f"{name}:{','.join(verb.takes)}" if verb.takes else name for name, verb in SWITCHES.items())
    return " · ".join(shown)


def _pair(piece: str) -> tuple[str, str]:
    key, found, value = piece.partition("=")
    if not found:
        raise ValueError(f"{piece!r} is not KEY=VALUE")
    return key.strip(), value


def _number(named: Any) -> int:
    word = str(named).strip()
    if word.isdecimal() and int(word) in _TOLD:
        return int(word)
    plain = word.replace("_", "").lower()
    if plain in _NUMBERS:
        return _NUMBERS[plain]
    near = difflib.get_close_matches(plain, _NUMBERS, n=1, cutoff=0.7) or ["orderupdate"]
    likely = _NUMBERS[near[0]]
    raise ValueError(
        f"{word!r} is not a message the server sends; expected a number or a name, such as {likely} or "
        f"{_shouted(_TOLD[likely])}"
    )


def _shouted(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
