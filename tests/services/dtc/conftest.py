"""Fixtures for tests of a line: a fake server, and clients of it that are stopped afterwards."""

from collections.abc import Callable, Iterator

import pytest

from tests.fakes.dtc_server import FakeDTC
from tests.fakes.line_bench import Bench


@pytest.fixture
def server() -> Iterator[FakeDTC]:
    with FakeDTC() as fake:
        yield fake


@pytest.fixture
def bench(server: FakeDTC) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**options: object) -> Bench:
        made.append(Bench(server, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.client.stop()
        assert not one.client.thread.is_alive()
