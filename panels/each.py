"""Taking several steps of which none depends on the others."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget


def each(*steps: Callable[[], object]) -> None:
    """Take every step, also after one that failed: what one panel cannot draw must not keep Close from being drawn.

    Raises:
        Exception: what a step raised, once all are taken, with a note of whose step it was; several as a group.
    """
    failed: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as error:
            if not isinstance(error, ExceptionGroup) and not hasattr(error, "__notes__"):
                error.add_note(_owner(step))
            failed.append(error)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        raise ExceptionGroup("several parts of the window failed", failed)


def parts_of(error: Exception) -> tuple[str, ...]:
    """Return whose steps failed, as `each` noted it; the first of each."""
    if isinstance(error, ExceptionGroup):
        return tuple(dict.fromkeys(name for one in error.exceptions for name in parts_of(one)))
    notes: list[str] = getattr(error, "__notes__", [])
    return tuple(notes[:1])


def _owner(step: Callable[[], object]) -> str:
    """Return what the trader knows the owner of a step by."""
    owner = getattr(getattr(step, "func", step), "__self__", None)
    name = owner.accessibleName() if isinstance(owner, QWidget) else ""
    return name or ("A part of the window" if owner is None else type(owner).__name__)
