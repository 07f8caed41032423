"""The machine's clocks."""

from datetime import UTC

from core.clock import SystemClock


def test_wall_time_is_aware_utc_and_monotonic_time_does_not_run_backwards() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)
