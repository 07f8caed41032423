"""Mutants of one module: each a small change of its code that some test ought to notice.

mutmut makes and runs them, on a copy of the checkout in a folder of its own. It leaves out whatever is decorated, so in
the copy `@property` is written as the assignment it stands for. It makes no mutants of tables, defaults and enums.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.modules import ROOT, covering

COPIED = ("app", "benchmarks", "core", "data", "docs", "panels", "services", "tests", "pyproject.toml")
# A mutant that never ends is ended, and killed: after so many times what its tests take, and a second for the start.
TIMES, SECONDS = 15, 5
# A side's sign and a position's direction are 1 or -1: to multiply by one is to divide by it, and none of them is 0. Of
# what `quantize` is given only the exponent counts.
_NO_CHANGE = (
    (re.compile(r"/ (-?(?:\w+\.)*(?:sign|direction)\b)"), r"* \1"),
    (re.compile(r"quantize\(Decimal\(\d\)"), "quantize(Decimal(1)"),
    (re.compile(r"\b(sign|direction) ([<>])= 0\b"), r"\1 \2 0"),
)


class CannotCheck(Exception):
    """mutmut came to no result; the text is its last words."""


@dataclass(frozen=True)
class Score:
    """How the mutants of a module fared.

    Attributes:
        killed: those a test failed on, those that hung, and those that broke the interpreter.
        survivors: what each change was, as a diff, by name.
        alike: how many more were the same program in other words, and are left out of the count.
    """

    module: str
    killed: int
    survivors: dict[str, str]
    alike: int = 0

    @property
    def total(self) -> int:
        """How many mutants there were that are another program."""
        return self.killed + len(self.survivors)

    @property
    def percent(self) -> float:
        """The share that was killed; 100 where there is nothing to change."""
        return 100.0 * self.killed / self.total if self.total else 100.0

    def __str__(self) -> str:
        return f"{self.module}: {self.killed} of {self.total} mutants killed, {self.percent:.1f} %"


def check(module: str, folder: Path, jobs: int = 2) -> Score:
    """Make every mutant of a module in an empty folder, run its tests against each, and count.

    Raises:
        CannotCheck: without any change the tests fail already, or the system cannot fork.
    """
    _copy(module, folder)
    _mutmut(folder, "run", "--max-children", str(jobs))
    _mutmut(folder, "export-cicd-stats")
    counted = json.loads((folder / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    alive = re.findall(r"^\s*(\S+): (?:survived|no tests|suspicious)$", _mutmut(folder, "results"), re.MULTILINE)
    if counted["survived"] + counted["no_tests"] + counted["suspicious"] != len(alive):
        raise CannotCheck(f"{module}: counted {counted}, listed {len(alive)} survivors")
    changes = {name: _mutmut(folder, "show", name) for name in alive}
    survivors = {name: change for name, change in changes.items() if not says_the_same(change)}
    return Score(module, counted["total"] - len(alive), survivors, len(alive) - len(survivors))


def says_the_same(change: str) -> bool:
    """Tell whether a diff of one line changes nothing, by arithmetic."""
    before, after = (re.findall(rf"^\{mark}(?!\{mark})(.*)$", change, re.MULTILINE) for mark in "-+")
    for pattern, plain in _NO_CHANGE:
        before, after = ([pattern.sub(plain, line) for line in lines] for lines in (before, after))
    return before == after


def as_assignments(source: str) -> str:
    """Return the source with every `@property` written as `name = property(name)` below its function."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(functions, key=lambda one: one.lineno, reverse=True):
        decorators = [one.id for one in node.decorator_list if isinstance(one, ast.Name)]
        if decorators == ["property"] and node.end_lineno is not None:
            lines.insert(node.end_lineno, f"{' ' * node.col_offset}{node.name} = property({node.name})")
            del lines[node.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def _copy(module: str, folder: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    target = folder / module
    target.write_text(as_assignments(target.read_text(encoding="utf-8")), encoding="utf-8")
    settings = {
        "source_paths": [module.split("/", maxsplit=1)[0]],
        "only_mutate": [module],
        "also_copy": [name for name in COPIED if name != module.split("/", maxsplit=1)[0]],
        "pytest_add_cli_args_test_selection": list(covering(module)),
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:xvfb"],
        "timeout_multiplier": TIMES,
        "timeout_constant": SECONDS,
    }
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write("\n[tool.mutmut]\n" + "".join(f"{name} = {json.dumps(one)}\n" for name, one in settings.items()))


def _mutmut(folder: Path, *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise CannotCheck(f"mutmut {words[0]}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout
