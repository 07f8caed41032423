"""Measure and write docs/performance.md: `python -m benchmarks`, or only the parts named, as in PARTS."""

import os
import platform
import sys
from importlib import import_module
from pathlib import Path

import structlog

from benchmarks.measure import Row

PARTS = (
    "fills",
    "ticks",
    "memory_ticks",
    "clicks",
    "procedures",
    "reconcile",
    "start",
    "rest",
    "feed",
    "backups",
    "simulation",
    "tables",
    "chart",
    "dom",
)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
NOTES = Path(__file__).resolve().parent / "NOTES.md"


def main() -> int:
    """Measure the parts named, or all; all are written down."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    wanted = tuple(sys.argv[1:]) or PARTS
    found: dict[str, list[Row]] = {}
    for part in wanted:
        found[part] = import_module(f"benchmarks.{part}").rows()
        sys.stdout.write("\n".join(_line(row) for row in found[part]) + "\n")
        sys.stdout.flush()
    if wanted == PARTS:
        PAGE.write_text(_page(found), encoding="utf-8")
    return 0


def _page(found: dict[str, list[Row]]) -> str:
    where = f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores{_load()}"
    head = (
        "# Performance\n\nMade by `python -m benchmarks`. Read the ratios: each figure stands beside a floor or a peer "
        f"measured in the same run, on a shared machine ({where}).\n\n"
        "| ratio | wanted | what | figure | floor | CPU |\n|---|---|---|---|---|---|\n"
    )
    table = "".join(_line(row) + "\n" for rows in found.values() for row in rows)
    return head + table + NOTES.read_text(encoding="utf-8")


def _load() -> str:
    """Return how busy the machine was in the last quarter of an hour, where the system says so."""
    return f", load {os.getloadavg()[2]:.1f}" if hasattr(os, "getloadavg") else ""


def _line(row: Row) -> str:
    floor = "" if row.floor is None else f"{row.floor:.3g} {row.unit} ({row.floor_name})"
    return f"| {row.ratio} | {row.target} | {row.name} | {row.value:.3g} {row.unit} | {floor} | {row.cpu} |"


if __name__ == "__main__":
    sys.exit(main())
