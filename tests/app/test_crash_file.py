"""What brought a run down is there at the next start, once; a run that ended well leaves nothing."""

import faulthandler
import subprocess
import sys
from pathlib import Path

from app.crash_file import LAST, NAME, CrashFile


def raised() -> BaseException:
    """Return an exception with a traceback."""
    try:
        raise RuntimeError("it broke with password=hunter2")
    except RuntimeError as error:
        return error


def test_a_run_that_ended_well_leaves_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        crash = CrashFile(tmp_path)
        crash.finish()
        crash.finish()
        assert list(tmp_path.iterdir()) == [] and crash.last == ""
    faulthandler.enable()


def test_an_exception_is_told_at_the_next_start_and_not_again_after_that(tmp_path: Path) -> None:
    first = CrashFile(tmp_path)
    error = raised()
    first.note(type(error), error, error.__traceback__)
    first.finish()
    second = CrashFile(tmp_path)
    assert "RuntimeError: it broke" in second.last and "in raised" in second.last
    assert "hunter2" not in second.last
    second.finish()
    third = CrashFile(tmp_path)
    assert third.last == "" and (tmp_path / LAST).read_text(encoding="utf-8").strip() == second.last
    third.finish()
    faulthandler.enable()


def test_a_fault_of_the_interpreter_is_told_with_its_threads(tmp_path: Path) -> None:
    program = (
        "import sys, faulthandler; from pathlib import Path; from app.crash_file import CrashFile\n"
        "crash = CrashFile(Path(sys.argv[1])); faulthandler._sigabrt()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, check=False)
    assert done.returncode != 0 and (tmp_path / NAME).stat().st_size
    crash = CrashFile(tmp_path)
    assert "Fatal Python error: Aborted" in crash.last
    crash.finish()
    faulthandler.enable()


def test_a_folder_that_cannot_be_written_changes_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    crash = CrashFile(tmp_path / "logs")
    error = raised()
    crash.note(type(error), error, error.__traceback__)
    crash.finish()
    assert crash.last == ""
