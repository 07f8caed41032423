"""Alerts are there after a restart as they were, but for what is of the moment."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged
from core.model.alert import Alert, AlertKind, AlertState, Way
from core.model.guard_rules import Guard
from core.model.scope import PositionKey
from data.store import Store, open_store
from tests.data.books import ES, START, put_empty_database
from tests.fakes.clock import ManualClock

PRICE = Alert("A1", AlertKind.PRICE, PositionKey("sim", "", "ESZ6"), Way.ABOVE, Decimal("5060.25"), START)


def opened(folder: Path) -> Store:
    if not (folder / "stanchion.sqlite3").exists():
        put_empty_database(folder)
    return open_store(folder, ManualClock())


def test_every_kind_is_there_after_a_restart_as_it_was(tmp_path: Path) -> None:
    alerts = (
        PRICE,
        Alert("A2", AlertKind.OPEN_PNL, ES, Way.BELOW, Decimal(-100), START, repeats=True, armed=True),
        Alert("A3", AlertKind.R, ES, Way.ABOVE, Decimal("1.5"), START, armed=False, state=AlertState.TRIGGERED),
        Alert("A4", AlertKind.TIME_IN_TRADE, ES, Way.ABOVE, Decimal(900), START, state=AlertState.OFF),
        Alert(
            "A5", AlertKind.LIMIT, replace(ES, symbol=""), Way.ABOVE, Decimal(60), START, limit=Guard.DAY_LOSS, note="?"
        ),
    )
    an_hour_on, value = START + timedelta(hours=1), Decimal("-100.5")
    fired = replace(alerts[1], fired=2, unread=1, fired_at=an_hour_on, fired_value=value)
    alerts = (alerts[0], fired, *alerts[2:])
    store = opened(tmp_path)
    store.alerts.save(alerts, "added")
    store.close()
    again = opened(tmp_path)
    assert again.alerts.alerts() == alerts
    again.close()


def test_what_cannot_be_evaluated_now_is_watched_after_a_restart(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.alerts.save([replace(PRICE, state=AlertState.NOT_EVALUATED, reason="sim is down", armed=True)], "")
    assert store.alerts.alerts() == (replace(PRICE, armed=True),)
    store.close()


def test_a_change_takes_the_place_of_what_was_and_a_removal_leaves_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    other = replace(PRICE, alert_id="A2")
    store.alerts.save([PRICE, other], "added")
    store.alerts.save([replace(PRICE, state=AlertState.TRIGGERED, armed=False, fired=1, unread=1)], "fired")
    assert [one.state for one in store.alerts.alerts()] == [AlertState.TRIGGERED, AlertState.ACTIVE]
    store.alerts.remove(PRICE)
    assert store.alerts.alerts() == (other,)
    with store.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT text, cause FROM audit_event WHERE kind = 'alert'").all()
    text = "alert on ESZ6: price above 5060.25"
    assert [tuple(row) for row in rows] == [(text, word) for word in ("added", "added", "fired", "removed")]
    store.close()


def test_arming_is_no_event_of_the_audit(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.alerts.save([replace(PRICE, armed=True)], "")
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_event WHERE kind = 'alert'").scalar() == 0
    store.close()


def test_a_word_nobody_knows_is_damage(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.alerts.save([replace(PRICE, kind=AlertKind.LIMIT, limit=Guard.SIZE)], "")
    with store.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alert SET guard = 'luck'")
    with pytest.raises(DatabaseDamaged, match="luck"):
        store.alerts.alerts()
    store.close()
