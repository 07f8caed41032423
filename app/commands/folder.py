"""The option every command has: whose data folder."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.config import default_data_dir


def with_data_folder(parser: ArgumentParser) -> ArgumentParser:
    """Add `--data-dir DIR`."""
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="the data folder")
    return parser


def data_folder(parsed: Namespace) -> Path:
    """Return the data folder that is meant."""
    folder: Path = parsed.data_dir or default_data_dir()
    return folder.expanduser().resolve()
