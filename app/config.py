"""What the program was asked to do: the command line and settings.toml, validated as a whole, frozen."""

import argparse
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import platformdirs

from app.bracket_settings import SHIPPED, book_from_tables, book_to_tables
from app.commission_settings import Rates, rates_from_table, rates_to_table
from app.guard_settings import GuardsByAccount, guards_from_table, guards_to_table
from app.limit_settings import limits_from_table
from app.preference_settings import preferences_from, preferences_to
from app.watch_settings import watch_from, watch_to
from core.binding_settings import ARM_MINUTES, LEAST_ARM_MINUTES, MOST_ARM_MINUTES
from core.errors import ConfigurationError
from core.file_in_place import put_in_place
from core.model.bracket_template import BracketBook
from core.model.sanity import SanityLimits
from core.model.sanity_texts import limits_to_texts
from core.model.scope import AccountKey, Mode
from core.preferences import Preferences, ThemeChoice

SIMULATOR = "sim"
SETTINGS_NAME = "settings.toml"
THEMES = tuple(one.value for one in ThemeChoice)
_INSTALLATION = re.compile(r"[A-Z0-9]{4}")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class Options:
    """The command line of the terminal, before the data folder is opened.

    Attributes:
        connect: addresses as written; `sim` is the embedded simulator.
        is_chosen: they were named; else those of the settings hold, if there are any.
        after_s: seconds until the picture is taken.
    """

    data_dir: Path
    connect: tuple[str, ...] = (SIMULATOR,)
    account: str = ""
    symbol: str = ""
    classify: Mapping[str, Mode] = field(default_factory=dict)
    screenshot: Path | None = None
    after_s: float = 3.0
    theme: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class StoredSettings:
    """What settings.toml holds.

    Attributes:
        installation: four letters of this data folder's order ids.
        slugs: connection name by "scheme://user@host:port", so that a name once given stays.
        last_symbols: the symbol shown last, by connection.
        limits: where an order becomes odd, and where it is refused.
        commissions: what a fill costs, by place and product.
        guards: the limits of accounts that have some.
        brackets: exits under a name, and which a ticket begins with.
        one_click: accounts whose entries inside the limits are not asked about.
        desk: the telephone of the broker's desk, by connection.
        preferences: how the window looks, sounds and answers to keys.
        arm_minutes: how long an armed account stays so without a touch.
        ask_in_sim: entries into SIM accounts are asked about too.
        watch: the watchlist, by (connection, symbol).
        connections: addresses to connect to where the command line names none; none is the built-in simulator.
    """

    installation: str
    slugs: Mapping[str, str] = field(default_factory=dict)
    last_symbols: Mapping[str, str] = field(default_factory=dict)
    limits: SanityLimits = field(default_factory=SanityLimits)
    commissions: Rates = field(default_factory=dict)
    guards: GuardsByAccount = field(default_factory=dict)
    brackets: BracketBook = field(default_factory=lambda: book_from_tables(SHIPPED, {}))
    one_click: frozenset[AccountKey] = frozenset()
    desk: Mapping[str, str] = field(default_factory=dict)
    preferences: Preferences = field(default_factory=Preferences)
    arm_minutes: int = ARM_MINUTES
    connections: tuple[str, ...] = ()
    ask_in_sim: bool = False
    watch: tuple[tuple[str, str], ...] = ()


def default_data_dir() -> Path:
    """Return the platform's user data folder for this program."""
    return Path(platformdirs.user_data_dir("Stanchion", appauthor=False))


def parse_options(arguments: Sequence[str]) -> Options:
    """Read the terminal's command line.

    Raises:
        ConfigurationError: one sentence; the program ends with exit code 2.
    """
    parser = OneLineParser(
        prog="stanchion",
        description="The Stanchion trading terminal. Without options it trades against its own simulator.",
        epilog="Also: stanchion panic | simulate | doctor | backup | restore | export, each with --help; --version.",
        allow_abbrev=False,
    )
    parser.add_argument("--connect", action="append", metavar="URL", help="dtc://HOST:PORT[?…] or sim; may repeat")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="everything the program keeps")
    parser.add_argument("--account", default="", metavar="NAME", help="account shown first")
    parser.add_argument("--classify", action="append", default=[], metavar="NAME=MODE", help="SIM, EVAL or LIVE")
    parser.add_argument("--symbol", default="", metavar="NAME", help="symbol loaded first")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="picture of the window, then exit")
    parser.add_argument("--after", type=float, default=3.0, metavar="S", help="seconds before the picture")
    parser.add_argument("--theme", choices=THEMES, default="", help="dark, light or system; remembered")
    parsed = parser.parse_args(arguments)
    _check_addresses(parsed.connect or ())
    if not 0 <= parsed.after <= 3600:
        raise ConfigurationError(f"--after {parsed.after}: expected seconds from 0 to 3600.")
    return Options(
        data_dir=(parsed.data_dir or default_data_dir()).expanduser().resolve(),
        connect=tuple(parsed.connect or (SIMULATOR,)),
        account=parsed.account,
        symbol=parsed.symbol,
        classify=dict(_classified(text) for text in parsed.classify),
        screenshot=parsed.screenshot,
        after_s=parsed.after,
        theme=parsed.theme,
        is_chosen=bool(parsed.connect),
    )


def _check_addresses(addresses: Sequence[str]) -> None:
    if others := [address for address in addresses if address != SIMULATOR]:
        from services.dtc.address import parse_address

        for address in others:
            parse_address(address)


def preferences_of(options: Options, stored: StoredSettings) -> Preferences:
    """Return what the trader prefers, the command line before what is stored."""
    if not options.theme:
        return stored.preferences
    return replace(stored.preferences, theme=ThemeChoice(options.theme))


def to_connect(options: Options, stored: StoredSettings) -> Options:
    """Return the options with the addresses of the settings, where the command line names none."""
    is_said = options.is_chosen or not stored.connections
    return options if is_said else replace(options, connect=stored.connections)


def read_settings(folder: Path) -> StoredSettings:
    """Return the stored settings, made if there are none.

    Raises:
        ConfigurationError: the file cannot be read or is not valid; it is left as it is.
    """
    path = folder / SETTINGS_NAME
    if not path.exists():
        import secrets

        settings = StoredSettings("".join(secrets.choice(_ALPHABET) for _ in range(4)))
        write_settings(folder, settings)
        return settings
    try:
        with path.open("rb") as file:
            return _validated(tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be used: {error}. Mend or move it; it was not changed.") from error


def write_settings(folder: Path, settings: StoredSettings) -> None:
    """Replace settings.toml whole: the old or the new file exists at every moment."""
    import tomli_w

    brackets, bracket = book_to_tables(settings.brackets)
    content = {
        "installation": settings.installation,
        **preferences_to(settings.preferences),
        "arm_minutes": settings.arm_minutes,
        "ask_in_sim": settings.ask_in_sim,
        "connections": list(settings.connections),
        "watch": watch_to(settings.watch),
        "one_click": sorted(f"{key.connection}/{key.account}" for key in settings.one_click),
        "slugs": dict(settings.slugs),
        "last_symbols": dict(settings.last_symbols),
        "desk": dict(settings.desk),
        "limits": limits_to_texts(settings.limits),
        "commissions": rates_to_table(settings.commissions),
        "guards": guards_to_table(settings.guards),
        "bracket": bracket,
        "brackets": brackets,
    }
    path = folder / SETTINGS_NAME
    draft = path.with_suffix(".toml.new")
    with draft.open("wb") as file:
        tomli_w.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o600)
    put_in_place(draft, path)


def _validated(content: Mapping[str, Any]) -> StoredSettings:
    installation = content.get("installation")
    if not isinstance(installation, str) or not _INSTALLATION.fullmatch(installation):
        raise ValueError(f"installation is {installation!r}, expected four capital letters or digits")
    limits = limits_from_table(content.get("limits", {}))
    rates = rates_from_table(content.get("commissions", {}))
    guards = guards_from_table(content.get("guards", {}))
    brackets = book_from_tables(content.get("brackets", SHIPPED), content.get("bracket", {}))
    slugs, symbols, desk = (_texts(content, name) for name in ("slugs", "last_symbols", "desk"))
    one_click = _one_click(content.get("one_click", []))
    preferences = preferences_from(content)
    minutes = _arm_minutes(content.get("arm_minutes", ARM_MINUTES))
    addresses = _addresses(content.get("connections", []))
    ask = content.get("ask_in_sim", False)
    if not isinstance(ask, bool):
        raise ValueError(f"ask_in_sim is {ask!r}, expected true or false")
    return StoredSettings(
        installation,
        slugs,
        symbols,
        limits,
        rates,
        guards,
        brackets,
        one_click,
        desk,
        preferences,
        minutes,
        addresses,
        ask,
        watch_from(content.get("watch", [])),
    )


def _arm_minutes(value: object) -> int:
    if type(value) is not int or not LEAST_ARM_MINUTES <= value <= MOST_ARM_MINUTES:
        raise ValueError(f"arm_minutes is {value!r}, expected {LEAST_ARM_MINUTES} to {MOST_ARM_MINUTES}")
    return value


def _addresses(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"connections is {value!r}, expected a list of addresses such as dtc://127.0.0.1:11099")
    _check_addresses(value)
    return tuple(value)


def _one_click(names: object) -> frozenset[AccountKey]:
    places = [str(name).partition("/") for name in names] if isinstance(names, list) else None
    if places is None or not all(connection and account for connection, _, account in places):
        raise ValueError(f"one_click is {names!r}, expected a list of CONNECTION/ACCOUNT")
    return frozenset(AccountKey(connection, account) for connection, _, account in places)


def _texts(content: Mapping[str, Any], name: str) -> dict[str, str]:
    table = content.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise ValueError(f"[{name}] must hold texts only")
    return dict(table)


def _classified(text: str) -> tuple[str, Mode]:
    name, _, mode = text.rpartition("=")
    if not name or mode not in ("SIM", "EVAL", "LIVE"):
        raise ConfigurationError(f"--classify {text}: expected NAME=SIM, NAME=EVAL or NAME=LIVE.")
    return name, Mode(mode)


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that raises one sentence instead of printing a usage block."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{message}. See {self.prog} --help.")
