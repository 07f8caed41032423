"""What the settings window is told of things outside the engine: addresses, tests of them, the data folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any


def _empty() -> Any:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of something that was tried: a connection, a backup.

    Attributes:
        ok: None while it is under way.
        text: one sentence.
        at: when it began or ended, aware UTC.
    """

    ok: bool | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BackupCopy:
    """One whole copy of the database."""

    name: str
    taken_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """What stands outside the engine.

    Attributes:
        addresses: to connect to at the next start; none is the built-in simulator alone.
        in_use: the address of each connection of this run, by its name.
        is_chosen: the command line named the addresses of this run, so those above do not count for it.
        trials: the last test of an address.
        folder: where everything is kept. copies: its backups, newest first.
        backup: the last backup asked for here; None before the first.
        passwords: what became of the last password, by address.
        notice: what became of the address for notices, or of the last test of it.
    """

    addresses: tuple[str, ...] = ()
    in_use: Mapping[str, str] = field(default_factory=_empty)
    is_chosen: bool = False
    trials: Mapping[str, Trial] = field(default_factory=_empty)
    folder: str = ""
    copies: tuple[BackupCopy, ...] = ()
    backup: Trial | None = None
    passwords: Mapping[str, Trial] = field(default_factory=_empty)
    notice: Trial | None = None
