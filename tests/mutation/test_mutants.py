"""The mutation check itself; and with `--long`, that the tests of a module kill nine of ten of its mutants."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.mutation.modules import MORE, RECONCILIATION, ROOT, all_modules, covering
from tests.mutation.mutants import as_assignments, check, says_the_same

WANTED = 90.0
LINE = "--- core/model/x.py\n+++ core/model/x.py\n@@ -1,3 +1,3 @@\n-    return {}\n+    return {}\n"


@pytest.mark.parametrize("module", all_modules())
def test_every_module_has_tests_that_exist(module: str) -> None:
    tests = covering(module)
    assert tests
    assert all((ROOT / one).is_file() for one in tests)


def test_the_table_names_modules_that_exist() -> None:
    assert set(MORE) <= set(all_modules())
    assert RECONCILIATION in all_modules()


def test_a_property_becomes_an_assignment_and_everything_else_stays() -> None:
    rest = "\n    @staticmethod\n    def two():\n        return 2\n"
    before = "class A:\n    @property\n    def one(self):\n        return 1\n" + rest
    after = before.replace("    @property\n", "").replace("return 1\n", "return 1\n    one = property(one)\n")
    assert as_assignments(before) == after


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("a * side.sign", "a / side.sign", True),
        ("a * -fill.side.sign", "a / -fill.side.sign", True),
        ("a * self.direction > 0", "a / self.direction > 0", True),
        ("b if one.direction > 0 else c", "b if one.direction >= 0 else c", True),
        ("a.quantize(Decimal(1), FLOOR)", "a.quantize(Decimal(2), FLOOR)", True),
        ("a * side.sign", "a / side.signs", False),
        ("a * size", "a / size", False),
        ("b if one.direction > 0 else c", "b if one.direction > 1 else c", False),
        ("b if size > 0 else c", "b if size >= 0 else c", False),
    ],
)
def test_what_arithmetic_cannot_tell_apart_is_the_same(before: str, after: str, same: bool) -> None:
    assert says_the_same(LINE.format(before, after)) is same


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.skipif(sys.platform == "win32", reason="mutmut needs fork")
def test_nine_of_ten_mutants_are_killed(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    modules = all_modules()
    asked = pytestconfig.getoption("--mutate")
    today = modules[datetime.now(UTC).toordinal() % len(modules)]
    scores = []
    for number, module in enumerate(modules if asked == "all" else (asked or today,)):
        folder = tmp_path / str(number)
        folder.mkdir()
        scores.append(check(module, folder))
    assert all(one.percent >= WANTED for one in scores), "\n".join(map(str, scores))
