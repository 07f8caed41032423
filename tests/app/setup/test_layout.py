from pathlib import Path, PurePath

import pytest

from app.setup.layout import Layout, Request, fingerprint, fingerprint_here, hand_over_command, is_ready, request_from


def made_checkout(root: Path, windows: bool = False) -> Layout:
    """A checkout with lock files and an environment that has a Python, but no stamp."""
    layout = Layout(root, windows)
    for checks in (False, True):
        layout.lock_file(checks).write_text(f"lock {checks}")
    layout.python.parent.mkdir(parents=True)
    layout.python.touch()
    return layout


def test_what_the_user_typed_reaches_the_program_untouched() -> None:
    assert request_from(["doctor", "--checks", ""]) == Request(False, ("doctor", "--checks", ""))


def test_the_first_word_of_the_test_script_asks_for_the_checks_and_is_not_passed_on() -> None:
    assert request_from(["--checks", "--long", "-k", "a b"]) == Request(True, ("--long", "-k", "a b"))


@pytest.mark.parametrize(("windows", "python"), [(False, "bin/python"), (True, "Scripts/python.exe")])
def test_the_environment_is_found_on_both_kinds_of_system(windows: bool, python: str) -> None:
    layout = Layout(Path("place"), windows)
    assert layout.python == Path("place/.venv", *PurePath(python).parts)
    assert hand_over_command(layout, Request(False, ("--symbol", "ES")))[1:] == ["-P", "-m", "app", "--symbol", "ES"]


def test_the_checks_are_handed_to_their_own_script() -> None:
    command = hand_over_command(Layout(Path("place"), False), Request(True, ("-x",)))
    assert command[1:] == ["-P", str(Path("place/tests/checks.py")), "-x"]


def test_another_lock_python_system_or_place_makes_another_fingerprint() -> None:
    usual = fingerprint(b"lock", (3, 11, 2), "linux", Path("a"))
    others = {
        fingerprint(b"lock!", (3, 11, 2), "linux", Path("a")),
        fingerprint(b"lock", (3, 12, 2), "linux", Path("a")),
        fingerprint(b"lock", (3, 11, 2), "darwin", Path("a")),
        fingerprint(b"lock", (3, 11, 2), "linux", Path("b")),
    }
    assert len(others | {usual}) == 5


def test_a_patch_release_of_python_or_turned_line_ends_make_no_other_fingerprint() -> None:
    usual = fingerprint(b"a\nb\n", (3, 11, 2), "win32", Path("a"))
    assert fingerprint(b"a\r\nb\r\n", (3, 11, 9), "win32", Path("a")) == usual


def test_a_checkout_is_ready_only_with_the_stamp_of_its_own_lock(tmp_path: Path) -> None:
    layout = made_checkout(tmp_path)
    assert not is_ready(layout, checks=False)
    layout.stamp(False).write_text(fingerprint_here(layout, checks=False))
    assert is_ready(layout, checks=False)
    assert not is_ready(layout, checks=True)
    layout.lock_file(False).write_text("a newer lock")
    assert not is_ready(layout, checks=False)


def test_a_stamp_without_its_python_or_full_of_junk_is_no_stamp(tmp_path: Path) -> None:
    layout = made_checkout(tmp_path)
    layout.stamp(False).write_text(fingerprint_here(layout, checks=False))
    layout.python.unlink()
    assert not is_ready(layout, checks=False)
    layout.python.touch()
    layout.stamp(False).write_bytes(b"\xff\xfe\x00")
    assert not is_ready(layout, checks=False)
