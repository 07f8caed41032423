"""What takes effect later does so in the order of market time."""

from __future__ import annotations

from collections.abc import Callable

from services.simulator.agenda import AS_SOON_AS_POSSIBLE, Agenda


def noting(told: list[tuple[str, int]], name: str) -> Callable[[int], None]:
    return lambda at_us: told.append((name, at_us))


def run(agenda: Agenda, now_us: int) -> None:
    while agenda.next_us <= now_us:
        agenda.run_next(now_us)


def test_each_thing_happens_at_its_own_moment_however_late_it_is_looked_at() -> None:
    agenda, told = Agenda(), list[tuple[str, int]]()
    agenda.request(30, noting(told, "cancel"))
    agenda.appoint(20, noting(told, "end of a session"))
    agenda.request(10, noting(told, "order"))
    agenda.request(90, noting(told, "later"))
    run(agenda, 50)
    assert told == [("order", 10), ("end of a session", 20), ("cancel", 30)]
    assert agenda.next_us == 90


def test_of_one_moment_the_calendar_comes_first_and_requests_keep_their_order() -> None:
    agenda, told = Agenda(), list[tuple[str, int]]()
    for name in ("first", "second"):
        agenda.request(10, noting(told, name))
    agenda.appoint(10, noting(told, "new day"))
    run(agenda, 10)
    assert [name for name, _ in told] == ["new day", "first", "second"]


def test_what_was_waiting_at_a_restart_happens_at_the_first_moment_there_is() -> None:
    agenda, told = Agenda(), list[tuple[str, int]]()
    agenda.request(AS_SOON_AS_POSSIBLE, noting(told, "order"))
    run(agenda, 77)
    assert told == [("order", 77)]


def test_what_an_action_notes_for_a_moment_that_has_come_still_happens_in_time() -> None:
    agenda, told = Agenda(), list[tuple[str, int]]()
    agenda.appoint(10, lambda at_us: agenda.appoint(at_us + 10, noting(told, "next day")))
    agenda.request(15, noting(told, "order"))
    run(agenda, 25)
    assert told == [("order", 15), ("next day", 20)]


def test_requests_can_be_let_through_at_once_and_the_calendar_waits() -> None:
    agenda, told = Agenda(), list[tuple[str, int]]()
    agenda.appoint(40, noting(told, "end of a session"))
    for due_us in (90, 60):
        agenda.request(due_us, noting(told, f"due {due_us}"))
    while agenda.run_request(5):
        continue
    assert told == [("due 60", 5), ("due 90", 5)]
    assert agenda.next_us == 40
