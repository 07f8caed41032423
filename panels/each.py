"""Taking several steps of which none depends on the others."""

from collections.abc import Callable


def each(*steps: Callable[[], object]) -> None:
    """Take every step, also after one that failed: what one panel cannot draw must not keep Close from being drawn.

    Raises:
        Exception: what a step raised, once all are taken; several as a group.
    """
    failed: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as error:
            failed.append(error)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        raise ExceptionGroup("several parts of the window failed", failed)
