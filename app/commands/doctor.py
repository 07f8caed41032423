"""`stanchion doctor`: is everything as it should be? One line for each thing; nothing is changed."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.commands import folder_checks
from app.commands.finding import Finding, Mark, bad
from app.commands.folder import data_folder, with_data_folder
from app.commands.line_checks import connections
from app.config import SIMULATOR, OneLineParser
from core.clock import Clock, SystemClock
from services.dtc.address import parse_address

HEALTHY, UNHEALTHY = 0, 1


def doctor(arguments: Sequence[str]) -> int:
    """Look at everything without changing a byte; 0 when all is well, 1 when something is BAD.

    Raises:
        ConfigurationError: an address cannot be understood.
    """
    parser = OneLineParser(
        prog="stanchion doctor",
        description="Examine the database, the data folder, the backups and the connections; nothing is changed.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--connect",
        action="append",
        default=[],
        metavar="URL",
        help="test this one; may repeat; default: the known ones",
    )
    parsed = with_data_folder(parser).parse_args(arguments)
    for address in parsed.connect:
        if address != SIMULATOR:
            parse_address(address)
    healthy = True
    for finding in _findings(data_folder(parsed), parsed.connect, SystemClock()):
        sys.stdout.write(f"{finding.line}\n")
        sys.stdout.flush()
        healthy = healthy and finding.mark is not Mark.BAD
    return HEALTHY if healthy else UNHEALTHY


def findings_of_folder(folder: Path, clock: Clock) -> Iterator[Finding]:
    """Yield what is found in a data folder, which a running terminal may be at; no connection is tried."""
    yield from folder_checks.database(folder)
    if folder.is_dir():
        checks = (folder_checks.privacy, folder_checks.room, folder_checks.log, folder_checks.emergency)
        for check in checks:
            yield from _guarded(check.__name__, check(folder))
        yield from _guarded("locks", folder_checks.locks(folder, clock.now()))
        yield from _guarded("backups", folder_checks.backups(folder, clock.now()))


def _findings(folder: Path, addresses: Sequence[str], clock: Clock) -> Iterator[Finding]:
    yield from findings_of_folder(folder, clock)
    yield from connections(addresses, folder, clock)


def _guarded(subject: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Pass on what is found; that it could not be looked at is a finding too."""
    try:
        yield from findings
    except OSError as error:
        yield bad(subject, f"{error.filename or subject} cannot be looked at: {error.strerror or error}.")
