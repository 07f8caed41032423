"""The error tree. A message names the value and what was expected; nothing returns False for failure.

    TerminalError
      DomainError           a rule of trading was broken
        InvalidTransition   an order was asked to move where its table does not lead
        InvalidOrder        an order that must not be sent: the sentence says why and what to do
        WrongInstrument     a value of one instrument was given to another
        DuplicateFill       this execution is booked already
      PersistenceError      the disk said no
        DatabaseLocked      another program holds the file longer than we wait
        DiskFull            no room for the transaction; nothing of it was written
        SchemaTooNew        written by a newer Stanchion; refused, untouched
        DatabaseDamaged     the file, its ledger or its audit chain does not add up
      DataFolderBusy        another instance works in the data folder
      ConnectionLost        the line is down; nothing was queued
      EngineBusy            the inbox is full (entries only)
      QuestionAbandoned     a question to the history gave way to another; what it had found is kept
      ConfigurationError    an option, URL or settings file that cannot be used

`services/dtc/errors.py` adds ProtocolError (LocalProtocolError: our bug, RemoteProtocolError: their bytes).
"""

from core.model.errors import (
    DomainError,
    DuplicateFill,
    InvalidOrder,
    InvalidTransition,
    TerminalError,
    WrongInstrument,
)

__all__ = [
    "ConfigurationError",
    "ConnectionLost",
    "DataFolderBusy",
    "DatabaseDamaged",
    "DatabaseLocked",
    "DiskFull",
    "DomainError",
    "DuplicateFill",
    "EngineBusy",
    "InvalidOrder",
    "InvalidTransition",
    "PersistenceError",
    "QuestionAbandoned",
    "SchemaTooNew",
    "TerminalError",
    "WrongInstrument",
]


class PersistenceError(TerminalError):
    """The database did not do what was asked; the outcome of the transaction may be unknown."""


class DatabaseLocked(PersistenceError):
    """Another program held the database longer than the bounded wait."""


class DiskFull(PersistenceError):
    """No room left; the transaction was rolled back whole."""


class SchemaTooNew(PersistenceError):
    """The database was written by a newer program; nothing was touched."""


class DatabaseDamaged(PersistenceError):
    """The file, the fold of its ledger or its audit chain does not add up; nothing was touched."""


class DataFolderBusy(TerminalError):
    """Another instance of the program works in this data folder."""


class ConnectionLost(TerminalError):
    """The line to the broker is down; nothing was queued."""


class EngineBusy(TerminalError):
    """The engine's inbox is full; only entries are ever refused for this."""


class ConfigurationError(TerminalError):
    """An option, address or settings file that cannot be used."""


class QuestionAbandoned(TerminalError):
    """A question to the history was left before its answer: another one waits, or nobody for this any more."""
