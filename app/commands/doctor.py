"""`stanchion doctor`: look at the books without changing a byte."""

import sys
from collections.abc import Sequence

from app.commands.folder import data_folder, with_data_folder
from app.config import OneLineParser
from data.integrity import examine
from data.preflight import DATABASE_NAME

HEALTHY, UNHEALTHY = 0, 1


def doctor(arguments: Sequence[str]) -> int:
    """Examine the database without changing a byte: one line each; 0 when all is well, 1 when not."""
    parser = OneLineParser(prog="stanchion doctor", description="Examine the database; nothing is changed.")
    path = data_folder(with_data_folder(parser).parse_args(arguments)) / DATABASE_NAME
    findings = examine(path)
    for finding in findings or (f"{path}: the file, the positions, the trades and the audit chain add up",):
        sys.stdout.write(f"{finding}\n")
    return UNHEALTHY if findings else HEALTHY
