"""The errors of the trading domain; `core.errors` draws the whole tree these are part of."""


class TerminalError(Exception):
    """Base of everything Stanchion raises on purpose; its text is fit to be shown to the trader."""


class DomainError(TerminalError):
    """A rule of trading was broken."""


class InvalidTransition(DomainError):
    """An order was asked to move along an arrow its table does not have."""


class InvalidOrder(DomainError):
    """An order must not be sent; the text says why and what would be accepted."""


class WrongInstrument(DomainError):
    """A value of one instrument or scope was given to another."""


class DuplicateFill(DomainError):
    """The execution is in the ledger already; applying it twice equals applying it once."""
