"""`./run` on machines that lack something, played with a PATH that holds only what the test put there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = Path("/etc/debian_version").exists()

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script; Windows has run.bat")
on_debian = pytest.mark.skipif(not DEBIAN, reason="what is missing is a Debian package only on Debian")

PYTHON = f"""#!/bin/sh
exec {sys.executable} "$@"
"""
TOO_OLD = """#!/bin/sh
exit 1
"""


class Machine:
    """A checkout with `run` in it, and a folder of programs that is all its PATH holds."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "check out"
        self.programs = folder / "bin"
        (self.checkout / "app").mkdir(parents=True)
        self.programs.mkdir()
        shutil.copy(ROOT / "run", self.checkout / "run")
        shutil.copy(ROOT / "test", self.checkout / "test")
        (self.checkout / "app" / "bootstrap.py").write_text(
            "import sys; sys.stdout.write(repr(sys.argv[1:])); sys.exit(5)"
        )
        (self.checkout / ".venv").mkdir()
        for name in ("sh", "dirname"):
            (self.programs / name).symlink_to(shutil.which(name) or "")
        self.user(1000)

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def user(self, number: int) -> None:
        self.program("id", f"#!/bin/sh\necho {number}\n")

    def start(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.checkout / script, *arguments],
            env={"PATH": str(self.programs)},
            cwd=self.programs,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_everything_typed_is_handed_over_and_the_exit_code_comes_back(machine: Machine) -> None:
    machine.program("python3", PYTHON)
    done = machine.start("run", "--account", "Sim 1", "")
    assert (done.returncode, done.stdout, done.stderr) == (5, "['--account', 'Sim 1', '']", "")


def test_the_test_script_asks_for_the_checks(machine: Machine) -> None:
    machine.program("python3", PYTHON)
    assert machine.start("test", "--long").stdout == "['--checks', '--long']"


def test_a_newer_python_beside_one_that_is_too_old_is_found(machine: Machine) -> None:
    machine.program("python3", TOO_OLD)
    machine.program("python3.12", PYTHON)
    assert machine.start("run").returncode == 5


@on_debian
def test_without_python_anyone_but_root_is_told_the_packages_in_one_line(machine: Machine) -> None:
    done = machine.start("run")
    assert done.returncode == 2
    assert "python3 python3-venv" in done.stderr and done.stderr.count("\n") == 1


@on_debian
def test_root_gets_python_installed_and_goes_on(machine: Machine) -> None:
    machine.user(0)
    machine.program("python", TOO_OLD)
    machine.program("ready", PYTHON)
    machine.program(
        "apt-get", f'#!/bin/sh\nPATH={os.environ["PATH"]}\ncp "{machine.programs}/ready" "{machine.programs}/python3"\n'
    )
    done = machine.start("run", "doctor")
    assert (done.returncode, done.stdout) == (5, "['doctor']")
    assert done.stderr == "Installing system packages: python3 python3-venv\n"


@on_debian
def test_root_whose_system_has_only_an_older_python_is_told_so(machine: Machine) -> None:
    machine.user(0)
    machine.program("apt-get", "#!/bin/sh\n")
    done = machine.start("run")
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr


@on_debian
def test_package_lists_are_fetched_only_when_the_first_attempt_fails(machine: Machine) -> None:
    machine.user(0)
    calls = machine.programs / "calls"
    machine.program("apt-get", f'#!/bin/sh\necho "$2" >> "{calls}"\nexit 100\n')
    assert machine.start("run").returncode == 2
    assert calls.read_text().split() == ["install", "update", "install"]
