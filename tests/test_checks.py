import pytest

from tests import checks
from tests.checks import Check, Outcome, all_checks, main, summary


def test_what_is_given_goes_on_to_pytest_and_to_nothing_else() -> None:
    *others, last = all_checks(["--long", "-k", "position"])
    assert last.name == "pytest" and last.arguments[-3:] == ("--long", "-k", "position")
    assert all("--long" not in each.arguments for each in others)


@pytest.mark.parametrize(("failing", "exit_code"), [("", 0), ("mypy", 1), ("pytest", 1)])
def test_every_check_runs_even_when_one_fails_and_any_failure_fails_the_whole(
    failing: str, exit_code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "run", lambda check: Outcome(check.name, int(check.name == failing), 0.1))
    assert main([]) == exit_code
    told = capsys.readouterr().out
    assert all(check.name in told for check in all_checks([]))
    assert told.count("FAILED") == exit_code


def test_a_check_runs_in_the_checkout_without_a_screen_and_without_input(capfd: pytest.CaptureFixture[str]) -> None:
    seen = "os.getcwd() + os.environ['QT_QPA_PLATFORM'] + repr(sys.stdin.read())"
    look = f"import os, sys; sys.stdout.write({seen}); sys.exit(3)"
    assert checks.run(Check("look", ("-c", look))).exit_code == 3
    assert f"{checks.ROOT}offscreen''" in capfd.readouterr().out


def test_the_summary_names_each_check_and_how_it_ended() -> None:
    told = summary([Outcome("mypy", 0, 2.0), Outcome("pytest", 5, 61.25)])
    assert told.splitlines()[1:] == [
        "mypy              ok              2.0 s",
        "pytest            FAILED (5)     61.2 s",
    ]


def test_types_are_checked_as_on_each_system_with_a_cache_of_its_own() -> None:
    elsewhere = [each.arguments for each in all_checks([]) if "--platform" in each.arguments]
    assert [each[3] for each in elsewhere] == ["win32", "darwin"]
    assert len({each[-1] for each in elsewhere}) == 2
