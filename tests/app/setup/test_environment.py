import site
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.setup import environment
from app.setup.environment import (
    environment_for_pip,
    install_commands,
    lead_to_checkout,
    lock_exclusively,
    set_up,
)
from app.setup.layout import Layout, is_ready
from app.setup.steps import SetupFailed


class Machine:
    """Stands in for the steps: notes them, makes what `venv` would make, and fails or pauses where it is told to."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.steps: list[str] = []
        self.fails_at = ""
        self.before: Callable[[str], None] = lambda step: None
        self.venv_works = False
        self.network_needs_certificates = ""

    def execute(
        self, command: Sequence[str], doing: str, environment: Mapping[str, str], keeps: Iterable[int] = ()
    ) -> None:
        step = (
            "venv" if "venv" in command else "probe" if "-c" in command else "lock" if "-r" in command else "checkout"
        )
        if step == "probe":
            if not self.venv_works:
                raise SetupFailed("no such file")
            return
        self.before(step)
        self.steps.append(step)
        if step == self.fails_at:
            raise SetupFailed(f"{doing} failed")
        if step == "lock" and environment.get("PIP_CERT", "") != self.network_needs_certificates:
            raise SetupFailed("SSLError: CERTIFICATE_VERIFY_FAILED: self-signed certificate in certificate chain")
        if step == "venv":
            self.layout.python.parent.mkdir(parents=True, exist_ok=True)
            self.layout.python.touch()
            self.venv_works = True


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.delenv("PIP_CERT", raising=False)
    layout = Layout(tmp_path, windows=False)
    for checks in (False, True):
        layout.lock_file(checks).write_text(f"lock {checks}")
    machine = Machine(layout)
    monkeypatch.setattr(environment, "execute", machine.execute)
    monkeypatch.setattr(environment, "prepare_system", lambda checks: None)
    return machine


def test_a_first_start_makes_the_environment_installs_the_lock_then_the_checkout(machine: Machine) -> None:
    set_up(machine.layout, checks=False)
    assert machine.steps == ["venv", "lock", "checkout"]
    assert is_ready(machine.layout, checks=False)
    assert not is_ready(machine.layout, checks=True)


def test_an_environment_ready_for_the_checks_is_ready_for_the_program(machine: Machine) -> None:
    set_up(machine.layout, checks=True)
    assert is_ready(machine.layout, checks=True) and is_ready(machine.layout, checks=False)


def test_an_environment_that_works_is_kept_when_the_lock_changes(machine: Machine) -> None:
    set_up(machine.layout, checks=False)
    machine.layout.lock_file(False).write_text("newer")
    set_up(machine.layout, checks=False)
    assert machine.steps[3:] == ["lock", "checkout"]


@pytest.mark.parametrize("step", ["venv", "lock", "checkout"])
def test_a_set_up_that_broke_off_is_begun_anew_by_the_next(machine: Machine, step: str) -> None:
    machine.fails_at = step
    with pytest.raises(SetupFailed):
        set_up(machine.layout, checks=False)
    assert not is_ready(machine.layout, checks=False)
    machine.fails_at, machine.steps = "", []
    set_up(machine.layout, checks=False)
    assert machine.steps == ["venv", "lock", "checkout"]
    assert is_ready(machine.layout, checks=False)


def test_nothing_counts_as_ready_while_packages_are_being_changed(machine: Machine) -> None:
    set_up(machine.layout, checks=False)
    seen: list[bool] = []
    machine.before = lambda step: seen.append(is_ready(machine.layout, checks=False))
    set_up(machine.layout, checks=True)
    assert seen == [False, False]


@pytest.mark.skipif(sys.platform == "win32", reason="uses the POSIX lock")
def test_of_two_set_ups_at_once_one_works_and_the_other_waits_and_finds_it_done(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installing, go_on, waiting = threading.Event(), threading.Event(), threading.Event()

    def pause(step: str) -> None:
        if step == "lock":
            installing.set()
            assert go_on.wait(30)

    machine.before = pause
    monkeypatch.setattr(environment, "say", lambda line: waiting.set() if "Another" in line else None)
    threads = [threading.Thread(target=set_up, args=(machine.layout, False)) for _ in range(2)]
    threads[0].start()
    assert installing.wait(30)
    threads[1].start()
    assert waiting.wait(30)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert machine.steps == ["venv", "lock", "checkout"]


def test_a_network_known_only_to_the_certificates_of_the_system_is_reached_with_those(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificates = tmp_path / "certificates"
    monkeypatch.setattr(environment, "SYSTEM_CERTIFICATES", certificates)
    machine.network_needs_certificates = str(certificates)
    with pytest.raises(SetupFailed, match="CERTIFICATE_VERIFY_FAILED"):
        set_up(machine.layout, checks=False)
    certificates.touch()
    set_up(machine.layout, checks=False)
    assert is_ready(machine.layout, checks=False)


def test_a_checkout_that_cannot_be_written_to_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupFailed, match="cannot be set up in"):
        set_up(Layout(tmp_path / "file", windows=False), checks=False)


def test_the_packages_are_installed_by_hash_and_the_checkout_downloads_nothing() -> None:
    lock, checkout = install_commands(Layout(Path("place"), windows=False), checks=True)
    assert {"--require-hashes", "--compile", "--only-binary=:all:"} <= set(lock)
    assert lock[-1].endswith("requirements-test.lock")
    assert {"--no-deps", "--no-index", "--no-build-isolation"} <= set(checkout)


def test_settings_that_would_install_elsewhere_are_dropped_and_those_of_the_index_kept() -> None:
    given = {"PIP_TARGET": "t", "PYTHONPATH": "p", "PIP_INDEX_URL": "i", "PATH": "x"}
    assert environment_for_pip(given) == {"PIP_INDEX_URL": "i", "PATH": "x"}


def test_on_windows_the_lock_is_tried_until_it_is_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = [OSError(36, "deadlock avoided"), OSError(36, "deadlock avoided")]

    def locking(descriptor: int, mode: int, size: int) -> None:
        if refusals:
            raise refusals.pop()

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_LOCK=1))
    with (tmp_path / "lock").open("a+b", buffering=0) as file:
        lock_exclusively(file, "win32")
    assert refusals == []


@pytest.mark.parametrize("name", ["Jörg", "Иван", "a b"])
def test_a_checkout_below_any_name_is_found_whatever_the_code_page(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(tmp_path / name, windows=True)
    layout.pointer.parent.mkdir(parents=True)
    layout.pointer.write_text(str(layout.root), encoding="utf-8")  # as its installation leaves it
    lead_to_checkout(layout)
    assert layout.pointer.read_bytes().isascii()
    monkeypatch.setattr(sys, "path", [])
    site.addsitedir(str(layout.pointer.parent))
    assert [Path(one) for one in sys.path] == [layout.pointer.parent, layout.root]
