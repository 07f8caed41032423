"""What every test run is held to, whichever room the test is from.

No screen, no random seeds from the clock, nothing written outside the test's own folder; a warning in the log that the
test did not ask for (by using `caplog`) fails it, as Python's and Qt's warnings do by `pyproject.toml`.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.reliability import Recorder

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile(
    "every-run",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long", settings.get_profile("every-run"), derandomize=False, max_examples=2000, print_blob=True
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`, `--simulate`, `--mutate` and `--reliability`."""
    parser.addoption("--long", action="store_true", help="also run the tests marked long, and search properties deeper")
    parser.addoption("--simulate", default="55", metavar="S", help="play simulated lives for so many seconds")
    parser.addoption(
        "--mutate", default="", metavar="MODULE", help="with --long: not the day's module, but this or all"
    )
    parser.addoption("--reliability", default="", metavar="FILE", help="write there which row is proven by which test")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how deep properties are searched, and whether the tests of the list of faults are noted."""
    settings.load_profile("long" if config.getoption("--long") else "every-run")
    if config.getoption("--reliability"):
        config.pluginmanager.register(Recorder(Path(config.getoption("--reliability"))))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked long, unless asked for."""
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many lives were simulated."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "simulated":
                terminalreporter.write_line(str(value))


class _Unexpected(logging.Handler):
    """Keeps what was logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_warning_in_the_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logged a warning it did not ask to see."""
    handler = _Unexpected()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if handler.lines and "caplog" not in request.fixturenames:
        pytest.fail("unexpected in the log:\n" + "\n".join(handler.lines))
