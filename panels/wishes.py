"""What a panel wishes of the window itself. These never leave it: `TerminalView` answers them."""

from dataclasses import dataclass

from core.model.scope import PositionKey


@dataclass(frozen=True, slots=True)
class OpenRecovery:
    """Show the recovery dialog, on one finding where one is meant.

    Attributes:
        finding: scope and name of the finding (`Finding.identity`); None is the first row that needs attention.
    """

    finding: tuple[PositionKey, str] | None = None


@dataclass(frozen=True, slots=True)
class OpenReconcile:
    """Show the reconcile dialog.

    Attributes:
        key: the scope; None is the one on show if it differs, or else the first that does.
    """

    key: PositionKey | None = None


@dataclass(frozen=True, slots=True)
class OpenRecordClosed:
    """Show the form that records a scope as closed."""

    key: PositionKey
