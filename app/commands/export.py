"""`stanchion export`: trades, fills, orders or the audit log as a file, also beside a running terminal."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.commands.folder import data_folder, with_data_folder
from app.config import OneLineParser
from core.errors import ConfigurationError
from core.model.trading_day import CHICAGO, OPENS
from data.export.columns import What
from data.export.file import Format, write_export
from data.export.reading import Wanted, reading
from data.preflight import DATABASE_NAME

DONE, FAILED = 0, 1
_DAY = timedelta(days=1)


def export(arguments: Sequence[str]) -> int:
    """Write a file; the database is only read. 0 when it is whole, 1 when the disk refused it.

    Raises:
        ConfigurationError: the target exists, there is nothing to export, or it does not fit into the format.
        PersistenceError: the database is damaged, or newer or older than this program.
    """
    parsed = _parser().parse_args(arguments)
    target: Path = parsed.file.expanduser().resolve()
    wanted = _wanted(parsed)
    if target.exists():
        raise ConfigurationError(f"{target} exists; an export never replaces a file.")
    if not target.parent.is_dir():
        raise ConfigurationError(f"There is no folder {target.parent}; make it first.")
    try:
        with reading(data_folder(parsed) / DATABASE_NAME, wanted) as found:
            write_export(found, Format(parsed.format), target)
            count = found.count
    except OSError as error:
        reason = error.strerror or error
        sys.stderr.write(
            f"stanchion: {target} could not be written: {reason}. Nothing was left there, and the database was only "
            "read. Make room or choose another folder, and try again.\n"
        )
        return FAILED
    sys.stdout.write(f"{target}: {count} {_noun(wanted.what, count)}{_of(parsed)}, {parsed.format}\n")
    return DONE


def _parser() -> ArgumentParser:
    parser = OneLineParser(
        prog="stanchion export",
        description="Write trades, fills, orders or the audit log into a file, also beside a running terminal.",
        epilog="Days are trading days, from 17:00 Chicago time of the evening before, as in the window.",
        allow_abbrev=False,
    )
    parser.add_argument("--what", required=True, choices=[what.value for what in What], help="which rows")
    parser.add_argument("--format", required=True, choices=[form.value for form in Format], help="the form of the file")
    parser.add_argument("--account", default="", metavar="NAME", help="of this account only")
    parser.add_argument(
        "--from", dest="first", default="", metavar="DATE", help="from this trading day on, as 2026-11-20"
    )
    parser.add_argument("--to", dest="last", default="", metavar="DATE", help="up to and with this trading day")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; must not exist yet")
    return with_data_folder(parser)


def _wanted(parsed: Namespace) -> Wanted:
    first, last = _day(parsed.first, "--from"), _day(parsed.last, "--to")
    if first is not None and last is not None and first > last:
        raise ConfigurationError(f"--from {first} is after --to {last}.")
    return Wanted(
        What(parsed.what),
        parsed.account,
        None if first is None else day_begins(first),
        None if last is None else day_begins(last + _DAY),
    )


def day_begins(day: date) -> datetime:
    """Return when a trading day begins, aware UTC: the evening before in Chicago."""
    return datetime.combine(day - _DAY, OPENS, CHICAGO).astimezone(UTC)


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} {text}: expected a day as 2026-11-20.") from None
    if not 1971 <= day.year <= 9000:
        raise ConfigurationError(f"{option} {text}: no trading day is known in that year.")
    return day


def _noun(what: What, count: int) -> str:
    if what is What.AUDIT:
        return "audit row" if count == 1 else "audit rows"
    words: str = what.value
    return words.removesuffix("s") if count == 1 else words


def _of(parsed: Namespace) -> str:
    account = f" of {parsed.account}" if parsed.account else ""
    since = f" from {parsed.first}" if parsed.first else ""
    return f"{account}{since}{f' to {parsed.last}' if parsed.last else ''}"
