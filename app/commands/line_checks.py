"""The doctor's connection test: each connection is dialed and logged on to, once, and nothing is asked that changes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.commands.finding import Finding, bad, note, ok
from app.config import SETTINGS_NAME, SIMULATOR, read_settings
from app.connections import passwords
from core.clock import Clock
from core.errors import ConfigurationError, ConnectionLost
from services.dtc.address import ConnectionSettings, parse_address
from services.dtc.probe import ServerFound, probe

SUBJECT: Final = "connection"
# Less says nothing: the wire has whole seconds.
_CLOCK_OFF_S: Final = 2.0
_ENCODINGS: Final = {0: "binary", 2: "JSON", 3: "compact JSON"}
_SIMULATOR_TEXT: Final = (
    "sim is not tested: the built-in simulator belongs to a running terminal, which starts it and watches it."
)


def connections(addresses: Sequence[str], folder: Path, clock: Clock) -> Iterator[Finding]:
    """Test the addresses given, else those the settings remember."""
    try:
        lines = _given(addresses) if addresses else _remembered(folder)
    except ConfigurationError as error:
        yield bad("settings", str(error))
        return
    if SIMULATOR in addresses or not lines:
        yield note(SUBJECT, _SIMULATOR_TEXT)
    if not addresses and not lines:
        yield note(SUBJECT, f"No other is in {SETTINGS_NAME}; `stanchion doctor --connect dtc://HOST:PORT` tests one.")
    for line in lines:
        yield _tested(line, clock)


def _given(addresses: Sequence[str]) -> list[ConnectionSettings]:
    return [parse_address(address) for address in addresses if address != SIMULATOR]


def _remembered(folder: Path) -> list[ConnectionSettings]:
    """Return the connections a terminal has had; the file is only read."""
    if not (folder / SETTINGS_NAME).exists():
        return []
    stored = read_settings(folder)
    return [replace(parse_address(identity), slug=slug) for identity, slug in stored.slugs.items()]


def _tested(line: ConnectionSettings, clock: Clock) -> Finding:
    named = f"{line.slug} " if line.slug else ""
    subject = f"{SUBJECT} {named}{line.server}"
    try:
        password = passwords([line]).get(line.slug, "")
        found = probe(line, password, clock)
    except ConfigurationError as error:
        return bad(subject, f"It was not tried: {error}")
    except ConnectionLost as error:
        return bad(subject, str(error))
    text = described(found)
    if not found.trading or not found.market_data or found.accounts == ():
        return note(subject, text)
    return ok(subject, text)


def described(found: ServerFound) -> str:
    """Return what a server said of itself, as the rest of a sentence."""
    who = f"{found.server!r}" if found.server else "the server, which gives no name,"
    parts = [
        f"{who} let us in after {found.took_s * 1000:.0f} ms",
        f"speaks {_ENCODINGS.get(found.encoding, found.encoding.name)}",
        "takes orders" if found.trading else "TAKES NO ORDERS",
        "has market data" if found.market_data else "HAS NO MARKET DATA",
        _accounts(found.accounts),
        _clock(found.clock_ahead_s),
    ]
    return ", ".join(part for part in parts if part)


def _accounts(names: tuple[str, ...] | None) -> str:
    if names is None:
        return "did not answer which accounts it has"
    return f"has the accounts {', '.join(names)}" if names else "HAS NO ACCOUNT for this user"


def _clock(ahead_s: float | None) -> str:
    if ahead_s is None:
        return "does not tell its clock"
    if abs(ahead_s) < _CLOCK_OFF_S:
        return "its clock agrees with ours"
    way = "ahead of" if ahead_s > 0 else "behind"
    return f"its clock is {abs(ahead_s):.0f} s {way} ours (set this computer's clock by the network)"
