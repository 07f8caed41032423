"""Which tests prove which row of the list of faults, and how they ended: the maker of docs/reliability.md.

A test says what it proves by `@pytest.mark.row(52, 53)`.
`pytest tests -m row --reliability docs/reliability.md` runs those tests and writes the page; with `--long` the long
ones run too. Without the option nothing happens here.
"""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "reliability.md"
_PROPERTY = "row"
_HEAD = """# What can go wrong, and the test that proves what happens then

Made by `pytest tests -m row --reliability docs/reliability.md`; do not edit.
A row without a test is not proven; "not run" are tests that need `--long`.
P0: money can be lost or a position be wrong · P1: trading stops or data is lost · P2: a nuisance.
"""


@dataclass(frozen=True)
class Row:
    """A fault that has to be met.

    Attributes:
        number: stable, as in the marks.
        section: what it belongs to.
        priority: P0, P1 or P2.
        fault: in a few words.
    """

    number: int
    section: str
    priority: str
    fault: str


@dataclass(frozen=True, order=True)
class Proof:
    """A test function that proves something.

    Attributes:
        path: its file, relative to the folder of the tests.
        name: of the function.
    """

    path: str
    name: str


def all_rows() -> tuple[Row, ...]:
    """Read the list of faults."""
    sections = tomllib.loads((TESTS / "reliability.toml").read_text(encoding="utf-8"))
    return tuple(
        Row(int(number), section, priority, fault)
        for section, rows in sections.items()
        for number, (priority, fault) in rows.items()
    )


def marked_tests() -> dict[int, list[Proof]]:
    """Find, without running anything, the tests marked with a row, in the order of their files."""
    found: dict[int, list[Proof]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.row(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                for number in _numbers(node):
                    found[number].append(Proof(path.relative_to(TESTS).as_posix(), node.name))
    return dict(found)


def _numbers(function: ast.FunctionDef) -> Iterator[int]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.row":
            yield from (ast.literal_eval(argument) for argument in decorator.args)


def page(proofs: Mapping[int, list[Proof]], results: Mapping[Proof, str]) -> str:
    """Write the page.

    Args:
        proofs: the tests of each row.
        results: how each of them ended; one that is missing did not run.
    """
    lines, section = [_HEAD], ""
    for row in all_rows():
        if row.section != section:
            section = row.section
            lines += ["", f"## {section}", "", "| | fault | | tests | result |", "|---|---|---|---|---|"]
        tests = proofs.get(row.number, [])
        links = "<br>".join(
            f"[{one.name.removeprefix('test_').replace('_', ' ')}](../tests/{one.path})" for one in tests
        )
        lines.append(f"| {row.number} | {row.fault} | {row.priority} | {links or '—'} | {_verdict(tests, results)} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _verdict(tests: list[Proof], results: Mapping[Proof, str]) -> str:
    ends = [results.get(one, "not run") for one in tests]
    if not ends:
        return "no test"
    left_out = ends.count("not run")
    if "failed" in ends or left_out in (0, len(ends)):
        return next((end for end in ("failed", "not run") if end in ends), "passed")
    return f"passed, {left_out} not run"


class Recorder:
    """Notes how the marked tests end, in whichever process they run, and writes the page at the end of the run."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._results: dict[Proof, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Have the reports of marked tests say which function they are of."""
        for item in items:
            if item.get_closest_marker("row"):
                path = item.path.relative_to(TESTS).as_posix()
                item.user_properties.append((_PROPERTY, f"{path}::{item.originalname}"))  # type: ignore[attr-defined]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a result; one failure among the cases of a function stays."""
        for name, value in report.user_properties:
            if name == _PROPERTY:
                proof = Proof(*str(value).split("::"))
                if report.failed:
                    self._results[proof] = "failed"
                elif report.when == "call" and report.passed:
                    self._results.setdefault(proof, "passed")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page, once and not in a worker."""
        if not hasattr(session.config, "workerinput"):
            self._target.write_text(page(marked_tests(), self._results), encoding="utf-8", newline="\n")
