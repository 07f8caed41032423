"""Seeds played one after the other, until one fails or the time is over."""

import time
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from tests.simulation.life import Life


class SeedFailed(AssertionError):
    """A life in which an invariant broke."""

    def __init__(self, seed: int, why: BaseException) -> None:
        super().__init__(f"seed {seed}: {why}\nReplay it: python -m tests.simulation {seed}")
        self.seed = seed


@dataclass(frozen=True, slots=True)
class Played:
    """How many lives were played, in how many seconds of processor time."""

    seeds: int
    cpu_s: float

    @property
    def per_second(self) -> float:
        """Seeds per second of one core."""
        return self.seeds / self.cpu_s if self.cpu_s else 0.0


def play(seeds: Iterable[int], within_s: float | None = None) -> Played:
    """Play seeds in order.

    Args:
        within_s: begin none after this time; None plays all.

    Raises:
        SeedFailed: with the command that replays it.
    """
    began_s, cpu_s, count = time.monotonic(), time.process_time(), 0
    with quiet_log():
        for seed in seeds:
            if within_s is not None and time.monotonic() - began_s > within_s:
                break
            try:
                Life(seed).run()
            except Exception as error:
                raise SeedFailed(seed, error) from error
            count += 1
    return Played(count, time.process_time() - cpu_s)


@contextmanager
def quiet_log() -> Iterator[None]:
    """Write no log while faults are played by the thousand."""
    structlog.configure(processors=[_drop])
    try:
        yield
    finally:
        structlog.reset_defaults()


def _drop(logger: object, method: str, event: MutableMapping[str, Any]) -> Any:
    raise structlog.DropEvent
