"""Many threads that begin at one moment; what one of them raises, the test raises."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread

WITHIN_S = 60.0


def together(*works: Callable[[], object]) -> None:
    """Run every piece of work in a thread of its own, all from the same moment, and wait for the last.

    Raises:
        ExceptionGroup: some of them raised.
    """
    gate = Barrier(len(works))
    raised: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait(WITHIN_S)
            work()
        except Exception as error:
            raised.append(error)

    threads = [Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN_S)
    assert not any(thread.is_alive() for thread in threads), "a thread did not end: a deadlock?"
    if raised:
        raise ExceptionGroup("in the threads", raised)


def each(count: int, work: Callable[[int], object]) -> Sequence[Callable[[], object]]:
    """Return the work for `count` threads, each given its number."""
    return [lambda number=number: work(number) for number in range(count)]  # type: ignore[misc]
