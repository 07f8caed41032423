"""Simulated lives of the terminal a second on one core: whole ones, beside those in which nothing happens.

The floor is what a start, the passing of all faults and the rest at the end cost by themselves.
"""

import time

from benchmarks.measure import Row
from tests.simulation.life import STEPS, Life
from tests.simulation.seeds import quiet_log

LIVES = 60


def rows() -> list[Row]:
    """Measure."""
    with quiet_log():
        _lives_a_second(6, STEPS)  # what is made once: the empty database, the compiled statements
        whole, empty = _lives_a_second(LIVES, STEPS), _lives_a_second(LIVES, 0)
    return [Row(f"simulated lives of {STEPS} steps", whole, "/s", empty, "lives of none")]


def _lives_a_second(count: int, steps: int) -> float:
    began_s = time.process_time()
    for seed in range(count):
        Life(seed).run(steps)
    return count / (time.process_time() - began_s)
