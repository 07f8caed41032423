import ast
import sys
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap import hand_over, main, python_refusal, start
from app.setup import environment
from app.setup.layout import Layout, fingerprint_here
from app.setup.steps import SetupFailed

SOURCE = Path(bootstrap.__file__)


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    commands: list[list[str]] = []

    def noted(command: list[str], windows: bool) -> int:
        commands.append(command)
        return 5

    monkeypatch.setattr(bootstrap, "hand_over", noted)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return commands


@pytest.fixture
def checkout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path, sys.platform == "win32")
    layout.lock_file(False).write_text("lock")
    return layout


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 9, 0), (2, 7, 18)])
def test_an_older_python_is_refused_in_one_line(version: tuple[int, ...]) -> None:
    assert python_refusal(version) == f"Stanchion needs Python 3.11 or newer; this is {version[0]}.{version[1]}."


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1), (4, 0, 0)])
def test_a_newer_python_is_not_refused(version: tuple[int, ...]) -> None:
    assert python_refusal(version) == ""


def test_an_older_python_can_read_the_file_that_refuses_it() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_a_refusal_is_exit_code_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    assert main([]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_ready_checkout_is_handed_over_in_silence(
    checkout: Layout, handed_over: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.python.parent.mkdir(parents=True)
    checkout.python.touch()
    checkout.stamp(False).write_text(fingerprint_here(checkout, checks=False))
    assert start(checkout.root, ["--account", "Sim 1"]) == 5
    assert handed_over == [[str(checkout.python), "-P", "-m", "app", "--account", "Sim 1"]]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("what", "exit_code", "line"),
    [
        (SetupFailed("Installing failed"), 2, "Installing failed\n"),
        (KeyboardInterrupt(), 130, "The set-up was interrupted"),
    ],
)
def test_a_set_up_that_does_not_finish_hands_nothing_over(
    checkout: Layout,
    handed_over: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    what: BaseException,
    exit_code: int,
    line: str,
) -> None:
    def broken(layout: Layout, checks: bool) -> None:
        raise what

    monkeypatch.setattr(environment, "set_up", broken)
    assert start(checkout.root, []) == exit_code
    assert capsys.readouterr().err.startswith(line)
    assert handed_over == []


def test_windows_waits_for_the_program_and_passes_its_exit_code_on() -> None:
    assert hand_over([sys.executable, "-c", "import sys; sys.exit(4)"], windows=True) == 4
