import sys

import pytest

from app.setup import system_packages
from app.setup.steps import SetupFailed
from app.setup.system_packages import Missing, SystemStep, missing_packages, prepare_system, system_step

LIBRARY = Missing(needed=("libegl1",), wanted=("fonts-inter",))
FONT = Missing(wanted=("fonts-inter",))


def test_a_complete_machine_needs_nothing() -> None:
    assert system_step(Missing(), debian=True, root_user=True) == SystemStep()


def test_root_on_debian_installs_what_is_missing() -> None:
    assert system_step(LIBRARY, debian=True, root_user=True).install == ("libegl1", "fonts-inter")


def test_anyone_else_is_told_the_packages_in_one_line_and_refused() -> None:
    step = system_step(LIBRARY, debian=True, root_user=False)
    assert "apt-get install --no-install-recommends libegl1 fonts-inter" in step.refusal
    assert "\n" not in step.refusal and not step.install


def test_a_missing_font_is_named_but_stops_nobody() -> None:
    step = system_step(FONT, debian=True, root_user=False)
    assert "fonts-inter" in step.notice and not step.refusal


def test_on_another_distribution_even_root_is_only_told() -> None:
    step = system_step(LIBRARY, debian=False, root_user=True)
    assert "libegl1" in step.refusal and "apt-get" not in step.refusal and not step.install


class AptGet:
    """A Debian machine run as root, whose apt-get brings what is missing, or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, missing: Missing, works: bool) -> None:
        self.missing = missing
        self.works = works
        self.knows_fonts = True
        self.said: list[str] = []
        monkeypatch.setattr(system_packages, "is_debian", lambda: True)
        monkeypatch.setattr(system_packages, "is_root_user", lambda: True)
        monkeypatch.setattr(system_packages, "missing_packages", lambda checks: self.missing)
        monkeypatch.setattr(system_packages, "install_system_packages", self.install)
        monkeypatch.setattr(system_packages, "say", self.said.append)

    def install(self, names: tuple[str, ...]) -> None:
        if not self.works:
            raise SetupFailed("apt-get install failed:\n  no network")
        if not self.knows_fonts and any(name.startswith("fonts-") for name in names):
            raise SetupFailed("apt-get install failed:\n  Unable to locate package")
        self.missing = Missing(wanted=tuple(name for name in self.missing.wanted if name not in names))


def test_what_was_missing_is_installed_without_a_further_word(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = AptGet(monkeypatch, LIBRARY, works=True)
    prepare_system(checks=False)
    assert machine.missing == Missing() and machine.said == []


def test_without_a_library_qt_cannot_load_the_set_up_stops_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    AptGet(monkeypatch, LIBRARY, works=False)
    with pytest.raises(SetupFailed, match=r"no network\n.*libegl1"):
        prepare_system(checks=False)


def test_without_a_font_the_set_up_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = AptGet(monkeypatch, FONT, works=False)
    prepare_system(checks=False)
    assert "fonts-inter" in machine.said[0]


def test_a_font_this_system_does_not_know_keeps_no_library_out(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = AptGet(monkeypatch, LIBRARY, works=True)
    machine.knows_fonts = False
    prepare_system(checks=False)
    assert machine.missing == FONT
    assert "fonts-inter" in machine.said[0] and "Unable" not in machine.said[0]


def test_a_network_that_swallows_everything_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(system_packages, "has_package_lists", lambda: False)
    monkeypatch.setattr(system_packages, "execute", lambda command, doing, environment: calls.append(command))
    system_packages.install_system_packages(["fonts-inter"])
    assert len(calls) == 2 and all("Acquire::http::Timeout=15" in call for call in calls)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the dynamic linker of Linux")
def test_a_library_the_linker_cannot_find_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "NEEDED_LIBRARIES", {"libc.so.6": "libc6", "libabsent.so.9": "libabsent9"})
    assert missing_packages(checks=False).needed == ("libabsent9",)


@pytest.mark.parametrize("lists", [True, False])
def test_package_lists_are_fetched_only_when_they_are_needed(monkeypatch: pytest.MonkeyPatch, lists: bool) -> None:
    calls: list[str] = []
    monkeypatch.setattr(system_packages, "has_package_lists", lambda: lists)
    monkeypatch.setattr(system_packages, "execute", lambda command, doing, environment: calls.append(doing))
    system_packages.install_system_packages(["libegl1"])
    assert calls == (["apt-get install"] if lists else ["apt-get update", "apt-get install"])


def test_package_lists_too_old_to_serve_are_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def execute(command: list[str], doing: str, environment: dict[str, str]) -> None:
        calls.append(doing)
        if len(calls) == 1:
            raise SetupFailed("404")

    monkeypatch.setattr(system_packages, "has_package_lists", lambda: True)
    monkeypatch.setattr(system_packages, "execute", execute)
    system_packages.install_system_packages(["libegl1"])
    assert calls == ["apt-get install", "apt-get update", "apt-get install"]
