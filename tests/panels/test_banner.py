"""Banners name what stands in the way, the gravest first, with what to do."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from core.commands import AskBroker, DecideFinding, ReconnectNow, SelectAccount, SelectSymbol
from core.events import Link
from core.model.finding import Finding, FindingChoice
from core.model.operation import CloseChoice, CloseStep
from core.model.recovery import RecoveryChoice, Situation
from core.model.scope import PositionKey
from core.snapshot import Certainty, DatabaseStatus, Snapshot
from core.unsaved_work import UnsavedWork
from panels.banner import Banner, BannerArea, banners
from panels.finding_words import meaning
from panels.theme import Theme
from panels.wishes import OpenReconcile, OpenRecovery
from tests.panels.conftest import Bench
from tests.panels.mixed_worlds import (
    BARE,
    BTC_KEY,
    EXCESS,
    LEFT_WORKING,
    NQ_KEY,
    ORPHAN,
    UNKNOWN,
    differing,
    world_of,
)
from tests.panels.worlds import (
    ES_KEY,
    MES_KEY,
    OTHER_ACCOUNT,
    closing,
    flat,
    link_is,
    long_two,
    operation,
    order,
    recovery,
    row,
    status,
)

SOLD = frozenset({(ES_KEY, "E1")})


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
        (flat(locked="Locked by panic at 14:02:11 UTC."), "Locked by panic at 14:02:11 UTC.", "", None),
        (flat(database=DatabaseStatus(False, "disk full")), "does not take writes (disk full)", "", None),
        (flat(unsaved=UnsavedWork(3, 0, SOLD)), "Trade saved to emergency log: 3 entries", "", None),
        (flat(unsaved=UnsavedWork(1)), "What happened is saved to emergency log: 1 entry.", "", None),
        (flat(unsaved=UnsavedWork(3, 1, SOLD)), "NOT SAVED: 1 entry in memory only", "", None),
        (link_is(Link.OFFLINE, flat(), text="refused"), "sim: link down: refused", "Try now", ReconnectNow("sim")),
        (link_is(Link.REFUSED, flat()), "sim: logon refused", "Try now", ReconnectNow("sim")),
        (link_is(Link.CONNECTING, flat(), attempt=2), "sim: connecting", "Try now", ReconnectNow("sim")),
        (
            long_two(scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "1")})),
            "ESZ5 Sim1: here LONG 2, broker LONG 1. Entries wait.",
            "Reconcile…",
            OpenReconcile(ES_KEY),
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
    area.widget.refresh(link_is(Link.OFFLINE, flat()), 100.0)
    assert not area.widget.isHidden()
    area.press("bannerAction_0")
    assert area.intents == [ReconnectNow("sim")]
    assert "link down" in area.widget.accessibleName()
    area.widget.refresh(flat(), 101.0)
    assert area.widget.isHidden()


def said(*findings: Finding, base: Snapshot | None = None) -> list[Banner]:
    """Return the banners of findings, in an account that is flat where they say nothing else."""
    return list(banners(world_of(flat() if base is None else base, findings)))


def test_an_orphan_is_shouted_with_its_remedy_once_it_is_a_finding() -> None:
    left = order(1)
    assert banners(flat(orders=MappingProxyType({left.client_order_id: left}))) == ()
    (banner,) = said(ORPHAN)
    assert banner.text == "NQZ5 Sim1: FLAT, but SELL 2 STOP 18045.25 still works; it would open SHORT 2."
    assert (banner.tone, banner.action) == ("danger", "Cancel it")
    assert banner.command == DecideFinding(NQ_KEY, ORPHAN.name, FindingChoice.CANCEL_ORDER, 1)


def test_exits_larger_than_the_position_are_decided_where_the_consequence_is_said() -> None:
    (banner,) = said(EXCESS)
    assert banner.text == (
        "ESZ5 Sim1: LONG 2, but exits are 1 larger than the position: SELL 3 STOP 5045.25 could leave SHORT 1."
    )
    assert (banner.tone, banner.action, banner.command) == ("danger", "Decide…", OpenRecovery(EXCESS.identity))


def test_a_stop_that_covers_a_part_is_told_by_both_parts() -> None:
    half = replace(BARE, quantity=Decimal(1))
    (banner,) = said(half)
    assert banner.text == "ZNZ5 Sim1: LONG 2, UNPROTECTED 1: stops cover 1."
    assert meaning(half, None) == "LONG 2, but stops cover only 1: 1 UNPROTECTED."


def test_a_missing_stop_and_an_order_of_unknown_outcome_open_their_row() -> None:
    bare, unknown = said(BARE, UNKNOWN)
    assert bare.text == "ZNZ5 Sim1: LONG 2 UNPROTECTED: its stop 110'080 is gone."
    assert unknown.text == "CLF6 EVAL-50K-117: BUY 1 LIMIT 58.40: outcome unknown. It is not sent again."
    assert [bare.command, unknown.command] == [OpenRecovery(BARE.identity), OpenRecovery(UNKNOWN.identity)]
    assert {bare.tone, unknown.tone} == {"danger"}


def test_an_entry_of_the_last_session_is_a_caution() -> None:
    (banner,) = said(LEFT_WORKING)
    assert banner.text == "RTYZ26_FUT_CME Sim1: BUY 1 LIMIT 2040.1 of the last session still works."
    assert (banner.tone, banner.command) == ("caution", OpenRecovery(LEFT_WORKING.identity))


def test_what_was_decided_is_silent_but_a_kept_orphan_stays_in_sight() -> None:
    decided = (replace(BARE, decided=FindingChoice.LEAVE), replace(UNKNOWN, decided=FindingChoice.TREAT_AS_EXTERNAL))
    assert said(*decided, replace(ORPHAN, decided=FindingChoice.CANCEL_ORDER)) == []
    (banner,) = said(replace(ORPHAN, decided=FindingChoice.KEEP, version=4))
    assert banner.text == "NQZ5 Sim1: kept: SELL 2 STOP 18045.25 works though flat."
    assert (banner.tone, banner.action) == ("caution", "Cancel it")
    assert banner.command == DecideFinding(NQ_KEY, ORPHAN.name, FindingChoice.CANCEL_ORDER, 4)


def test_what_can_lose_money_unwatched_stands_above_what_only_holds_entries_back() -> None:
    world = world_of(link_is(Link.OFFLINE, flat(halted="database")), (ORPHAN, BARE))
    found = texts(world)
    assert found[0].startswith("ZNZ5 Sim1: LONG 2 UNPROTECTED")
    assert found[1].startswith("NQZ5 Sim1: FLAT, but")
    assert found[2].startswith("2 more: Entries are halted")


def test_the_last_of_many_keeps_the_way_out_of_the_one_it_names() -> None:
    many = said(ORPHAN, BARE, EXCESS, UNKNOWN)
    assert many[2].text.startswith("2 more: ESZ5 Sim1: LONG 2, but exits are 1 larger")
    assert (many[2].action, many[2].command) == ("Decide…", OpenRecovery(EXCESS.identity))


def test_a_difference_of_coins_is_counted_to_the_venues_step() -> None:
    world = differing(BTC_KEY, "0.5", "0.25", entry="101234.5")
    (banner,) = banners(world)
    assert banner.text == "BTCUSD-PERP Sim1: here LONG 0.500, broker LONG 0.250. Entries wait."


def test_one_difference_has_one_banner_whoever_decides_it() -> None:
    mismatch = MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "1", lock="Undecided.")})
    at_start = long_two(recovery=recovery(row(Situation.SIZE_DIFFERS)), scopes=mismatch)
    (banner,) = banners(at_start)
    assert (banner.action, banner.command) == ("Decide…", OpenRecovery())
    later = recovery(row(Situation.SIZE_DIFFERS, in_session=True), wants=False)
    (banner,) = banners(long_two(recovery=later, scopes=mismatch))
    assert (banner.action, banner.command) == ("Reconcile…", OpenReconcile(ES_KEY))


def test_a_button_that_has_just_changed_its_meaning_hears_nothing_for_a_moment(theme: Theme, bench: Any) -> None:
    area: Bench = bench(BannerArea())
    area.widget.refresh(link_is(Link.OFFLINE, flat()), 100.0)
    area.press("bannerAction_0")
    orphaned = world_of(link_is(Link.OFFLINE, flat()), (ORPHAN,))
    area.widget.refresh(orphaned, 100.1)
    area.press("bannerAction_0")
    assert area.intents == [ReconnectNow("sim")]
    assert area.find("bannerAction_0").accessibleDescription()
    area.widget.refresh(orphaned, 100.41)
    area.press("bannerAction_0")
    assert area.intents[1:] == [DecideFinding(NQ_KEY, ORPHAN.name, FindingChoice.CANCEL_ORDER, 1)]


@pytest.mark.parametrize(
    ("key", "command"),
    [
        (MES_KEY, SelectSymbol("sim", "MESZ5")),
        (replace(MES_KEY, account=OTHER_ACCOUNT.account), SelectAccount(OTHER_ACCOUNT)),
    ],
)
def test_a_close_that_asks_in_a_scope_not_on_show_is_a_banner_that_leads_there(key: PositionKey, command: Any) -> None:
    refused = replace(
        operation(CloseStep.REJECTED, CloseChoice.RETRY, branch="B3", text="Close rejected: Margin."), key=key
    )
    world = long_two(operations=MappingProxyType({key: refused}))
    says = f"MESZ5 {key.account}: Close rejected: Margin."
    assert banners(world) == (Banner(says, "danger", "Show", command),)


def test_a_close_on_show_asks_in_its_own_place() -> None:
    assert texts(closing(CloseStep.REJECTED, CloseChoice.RETRY, branch="B3", text="Close rejected: Margin.")) == []
    assert texts(closing(CloseStep.SENT)) == []
