"""One instance per data folder, whoever starts first; a death leaves nothing to clean up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.data_folder import occupied
from core.errors import PersistenceError

ROOT = Path(__file__).resolve().parents[2]
STARTS = 20
PROGRAM = """
import sys
from pathlib import Path
from app.data_folder import occupied
from core.errors import DataFolderBusy
print("here", flush=True)
sys.stdin.readline()
try:
    with occupied(Path(sys.argv[1])):
        print("holds it", flush=True)
        sys.stdin.readline()
except DataFolderBusy:
    print("busy", flush=True)
"""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.row(101, 102)
def test_of_twenty_starts_at_once_one_holds_the_folder_and_after_its_death_the_next_one_does(tmp_path: Path) -> None:
    racing = [start(tmp_path) for _ in range(STARTS)]
    try:
        assert {says(one) for one in racing} == {"here"}
        for one in racing:
            go(one)
        said = [says(one) for one in racing]
        assert sorted(said) == ["busy"] * (STARTS - 1) + ["holds it"]
        first = racing[said.index("holds it")]
        first.kill()
        first.wait(20)
        second = start(tmp_path)
        racing.append(second)
        says(second)
        go(second)
        assert says(second) == "holds it"
    finally:
        for one in racing:
            one.kill()
            one.communicate()


@pytest.mark.row(94)
def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.data_folder.os.access", lambda path, mode: False)
    with pytest.raises(PersistenceError, match="cannot be written; choose another folder"), occupied(tmp_path):
        pytest.fail("it was taken")
    assert list(tmp_path.iterdir()) == []
