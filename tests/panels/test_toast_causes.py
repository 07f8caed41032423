"""What a red toast told of is over when the state it came from is."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from core.announcement import About
from core.events import Level, Link
from core.model.finding import FindingChoice
from core.model.operation import CloseChoice, CloseStep
from core.snapshot import Certainty, DatabaseStatus, Snapshot
from core.unsaved_work import UnsavedWork
from panels.toast_causes import has_passed
from tests.panels.guarded import guarded, guards_of, locked
from tests.panels.mixed_worlds import BARE
from tests.panels.worlds import ACCOUNT, ES_KEY, MES_KEY, announcement, flat, link_is, long_two, operation, status


def told(about: About | None, cause: str = "", **more: Any) -> Any:
    return replace(announcement("Something is wrong.", Level.ERROR), about=about, cause=cause, **more)


def certain(certainty: Certainty) -> Snapshot:
    return long_two(scopes=MappingProxyType({ES_KEY: status(certainty)}))


def closing(step: CloseStep, *choices: CloseChoice) -> Snapshot:
    return long_two(operations=MappingProxyType({ES_KEY: operation(step, *choices)}))


@pytest.mark.parametrize(
    ("notice", "standing", "over"),
    [
        (told(About.LINE, "sim"), link_is(Link.CONNECTING, flat()), flat()),
        (told(About.LINE, "sim"), Snapshot(), flat()),
        (told(About.MISMATCH), certain(Certainty.MISMATCH), certain(Certainty.CONFIRMED)),
        (told(About.MISMATCH), certain(Certainty.STALE), certain(Certainty.PENDING)),
        (told(About.STORE), flat(database=DatabaseStatus(False, "full")), flat()),
        (told(About.STORE), flat(unsaved=UnsavedWork(1)), flat()),
        (told(About.CLOSE), closing(CloseStep.REJECTED, CloseChoice.RETRY), closing(CloseStep.STOPPED)),
        (told(About.CLOSE), closing(CloseStep.LINK_DOWN), flat(operations=closing(CloseStep.LINK_DOWN).operations)),
    ],
)
def test_it_stands_while_its_state_does(notice: Any, standing: Snapshot, over: Snapshot) -> None:
    assert not has_passed(notice, standing)
    assert has_passed(notice, over)


@pytest.mark.parametrize("about", [None, About.REJECT, About.ALERT, About.FILL])
def test_what_has_no_state_never_passes(about: About | None) -> None:
    assert not has_passed(told(about, "sim"), flat())


def test_a_missing_stop_passes_when_nothing_of_its_scope_is_undecided() -> None:
    notice = told(About.PROTECTION, key=BARE.key)
    assert not has_passed(notice, long_two(findings=(BARE,)))
    assert has_passed(notice, long_two(findings=(replace(BARE, key=MES_KEY),)))
    assert has_passed(notice, long_two(findings=(replace(BARE, decided=FindingChoice.KEEP),)))


def test_a_limit_passes_with_its_lock_and_not_while_nothing_is_known() -> None:
    notice = told(About.LIMIT_HIT, str(ACCOUNT))
    assert not has_passed(notice, guarded(locked()))
    assert not has_passed(notice, guarded(replace(guards_of(), paused="Guard paused: data stale")))
    assert has_passed(notice, guarded(guards_of()))
