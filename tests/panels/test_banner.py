"""Banners name what stands in the way, the gravest first, with what to do."""

from types import MappingProxyType
from typing import Any

import pytest

from core.commands import AskBroker, CancelOrder, ReconnectNow
from core.events import Link
from core.model.recovery import RecoveryChoice, Situation
from core.snapshot import Certainty, DatabaseStatus, Snapshot
from panels.banner import BannerArea, OpenRecovery, banners
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ES_KEY, flat, link_is, long_two, order, recovery, row, status


def texts(snapshot: Snapshot) -> list[str]:
    return [one.text for one in banners(snapshot)]


def test_a_normal_day_has_none() -> None:
    assert texts(long_two()) == []
    assert texts(link_is(Link.SYNCING, long_two())) == []
    assert texts(Snapshot()) == []


@pytest.mark.parametrize(
    ("snapshot", "says", "action", "command"),
    [
        (flat(halted="the trading thread ended"), "Entries are halted: the trading thread ended", "", None),
        (flat(database=DatabaseStatus(False, "disk full")), "does not take writes (disk full)", "", None),
        (link_is(Link.OFFLINE, flat(), text="refused"), "sim: link down: refused", "Try now", ReconnectNow("sim")),
        (link_is(Link.REFUSED, flat()), "sim: logon refused", "Try now", ReconnectNow("sim")),
        (link_is(Link.CONNECTING, flat(), attempt=2), "sim: connecting", "Try now", ReconnectNow("sim")),
        (
            long_two(scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "1")})),
            "ESZ5 Sim1: here LONG 2, broker LONG 1.",
            "Ask broker",
            AskBroker("sim"),
        ),
        (
            flat(entry_block=MappingProxyType({"sim": "Positions are not confirmed."})),
            "sim: Positions are not confirmed.",
            "Ask broker",
            AskBroker("sim"),
        ),
        (
            long_two(scopes=MappingProxyType({ES_KEY: status(lock="Opposite side at the broker.")})),
            "ESZ5 Sim1: Opposite side at the broker.",
            "Ask broker",
            AskBroker("sim"),
        ),
        (
            long_two(recovery=recovery(row(Situation.MATCH))),
            "1 undecided: ESZ5 Sim1. No entries there until you decide.",
            "Decide…",
            OpenRecovery(),
        ),
    ],
)
def test_each_cause_has_its_sentence_and_its_way_out(
    snapshot: Snapshot, says: str, action: str, command: object
) -> None:
    (found,) = banners(snapshot)
    assert says in found.text
    assert (found.action, found.command) == (action, command)


def test_what_was_put_off_keeps_its_banner() -> None:
    put_off = recovery(row(Situation.MATCH, decided=RecoveryChoice.IGNORE), wants=False)
    assert texts(long_two(recovery=put_off)) == ["1 undecided: ESZ5 Sim1. No entries there until you decide."]
    adopted = recovery(row(Situation.MATCH, decided=RecoveryChoice.ADOPT), wants=False)
    assert texts(long_two(recovery=adopted)) == []


def test_one_cause_is_said_once() -> None:
    world = long_two(
        recovery=recovery(row(Situation.MATCH)),
        entry_block=MappingProxyType({"sim": "Undecided."}),
        scopes=MappingProxyType({ES_KEY: status(lock="Undecided.")}),
    )
    assert len(texts(world)) == 1
    down = link_is(Link.OFFLINE, flat(entry_block=MappingProxyType({"sim": "Link down."})))
    assert len(texts(down)) == 1


def test_the_gravest_stands_first_and_no_more_than_three_are_up() -> None:
    world = link_is(
        Link.OFFLINE,
        long_two(
            halted="database",
            database=DatabaseStatus(False),
            scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "1")}),
        ),
    )
    found = texts(world)
    assert len(found) == 3
    assert found[0] == "Entries are halted: database"
    assert found[2].startswith("2 more: ESZ5 Sim1")


def test_the_area_asks_and_hides_with_its_causes(theme: Theme, bench: Any) -> None:
    area: Bench = bench(BannerArea())
    area.widget.refresh(link_is(Link.OFFLINE, flat()))
    assert not area.widget.isHidden()
    area.press("bannerAction_0")
    assert area.intents == [ReconnectNow("sim")]
    assert "link down" in area.widget.accessibleName()
    area.widget.refresh(flat())
    assert area.widget.isHidden()


def test_an_exit_that_works_though_nothing_is_open_is_shouted_with_its_remedy() -> None:
    left = order(1)
    (banner,) = banners(flat(orders=MappingProxyType({left.client_order_id: left})))
    assert banner.text == "ESZ5 Sim1: FLAT, but SELL 2 STOP still works; it would open SHORT 2."
    assert (banner.tone, banner.action) == ("danger", "Cancel it")
    assert banner.command == CancelOrder(left.client_order_id)
    assert banners(long_two(orders=MappingProxyType({left.client_order_id: left}))) == ()
