import os
import sys

import pytest

from app.setup.steps import SetupFailed, execute


def test_a_step_that_succeeds_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    execute([sys.executable, "-c", "print('noise')"], "Trying", os.environ)
    assert capfd.readouterr() == ("", "")


def test_a_step_that_fails_tells_the_last_it_said() -> None:
    with pytest.raises(SetupFailed) as failure:
        execute([sys.executable, "-c", "import sys; sys.exit('no space left')"], "Installing", os.environ)
    assert str(failure.value) == "Installing failed:\n  no space left"


def test_a_program_that_is_not_there_is_a_failed_step() -> None:
    with pytest.raises(SetupFailed, match="Installing failed: "):
        execute(["no-such-program-anywhere"], "Installing", os.environ)
