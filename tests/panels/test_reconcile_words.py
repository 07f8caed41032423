"""What the reconcile dialog says: the fills of the trade, what differs, and what each choice would do."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from core.events import Link
from core.model.fill import Fill, FillSource, Side
from core.model.recovery import RECONCILE_CHOICES, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import Mode
from core.snapshot import Certainty, Snapshot
from panels import reconcile_words as words
from tests.panels.mixed_worlds import ZN, ZN_KEY, differing
from tests.panels.worlds import (
    ES,
    ES_KEY,
    MES_KEY,
    NOW,
    fill,
    flat,
    in_mode,
    link_is,
    long_two,
    position,
    recovery,
    row,
    status,
)

ADOPT, RECORD = RecoveryChoice.ADOPT, RecoveryChoice.RECORD_CLOSED
USE_FILLS, IGNORE, CLOSE = RecoveryChoice.USE_FILLS, RecoveryChoice.IGNORE, RecoveryChoice.CLOSE_BROKER
UNKNOWN_PROFIT = "the profit of this trade becomes unknown (—) and it is left out of money statistics."


def later(situation: Situation = Situation.SIZE_DIFFERS, broker: str = "1", **changes: Any) -> RecoveryRow:
    """Return a difference that came up while trading."""
    return row(situation, in_session=True, broker_quantity=Decimal(broker), **changes)


def traded(*steps: tuple[str, FillSource]) -> tuple[Fill, ...]:
    """Return fills of the ES scope by signed quantity."""
    return tuple(
        fill(
            at,
            side=Side.BUY if Decimal(signed) > 0 else Side.SELL,
            quantity=abs(Decimal(signed)),
            source=source,
        )
        for at, (signed, source) in enumerate(steps)
    )


OURS, OTHER, RECON = FillSource.OURS, FillSource.EXTERNAL, FillSource.RECON


def test_the_fills_begin_where_the_scope_was_flat() -> None:
    fills = traded(("3", OURS), ("-3", OURS), ("1", OURS), ("2", OTHER), ("-1", OURS))
    trade = words.since_flat(long_two(fills=fills), ES_KEY)
    assert [one.execution_id for one in trade.fills] == ["E2", "E3", "E4"]
    assert (trade.total, trade.corrections, trade.is_complete) == (Decimal(2), 0, True)


def test_a_reversal_is_added_up_with_what_it_reversed() -> None:
    trade = words.since_flat(long_two(fills=traded(("2", OURS), ("-2", OURS), ("-1", OURS), ("3", OURS))), ES_KEY)
    assert [one.execution_id for one in trade.fills] == ["E2", "E3"]
    assert trade.total == Decimal(2)


def test_corrections_are_left_out_of_the_sum_and_said() -> None:
    trade = words.since_flat(long_two(fills=traded(("3", OURS), ("-1", RECON))), ES_KEY)
    assert (trade.total, trade.corrections) == (Decimal(3), 1)
    assert words.sum_words(trade, Decimal(2), ES).startswith("Fills alone LONG 3, with corrections LONG 2.\n1 fill ")


def test_a_scope_made_flat_by_a_correction_shows_what_the_correction_took_away() -> None:
    corrected = flat(fills=traded(("2", OURS), ("-2", FillSource.MANUAL)))
    assert words.since_flat(corrected, ES_KEY).total == Decimal(2)
    closed = flat(fills=traded(("2", OURS), ("-2", OURS)))
    assert words.since_flat(closed, ES_KEY).fills == ()


def test_fills_that_are_not_on_hand_any_more_are_said_to_be_missing() -> None:
    trade = words.since_flat(long_two(fills=traded(("1", OURS))), ES_KEY)
    assert not trade.is_complete
    assert words.sum_words(trade, Decimal(2), ES).startswith("Earlier fills are not shown, so these do not add up.")


def test_a_fill_says_where_it_came_from_in_the_form_of_its_product() -> None:
    note = fill(1, key=ZN_KEY, price=Decimal("110.515625"), source=OTHER)
    assert words.fill_words(note, ZN, NOW.tzinfo) == ("15:28:37", "BUY", "1", "110'165", "EXTERNAL")
    marks = [words.fill_words(fill(1, source=one), ES, NOW.tzinfo)[-1] for one in FillSource]
    assert marks == ["ours", "EXTERNAL", "correction", "by hand"]
    assert words.fill_words(fill(1, price=None), ES, NOW.tzinfo)[3] == "—"


@pytest.mark.parametrize(
    ("found", "choice", "text", "says"),
    [
        (
            later(),
            ADOPT,
            "Use broker: LONG 1",
            f"Quantity here LONG 2 → LONG 1 by a correction without a price: {UNKNOWN_PROFIT} "
            "Entries open when the broker confirms.",
        ),
        (
            later(Situation.CLOSED_AT_BROKER, "0"),
            RECORD,
            "Use broker: FLAT",
            f"Quantity here LONG 2 → FLAT by a correction without a price: {UNKNOWN_PROFIT} "
            "Entries open when the broker confirms.",
        ),
        (
            later(Situation.OPPOSITE_SIDE, "-1"),
            ADOPT,
            "Use broker: SHORT 1",
            "Quantity here LONG 2 → SHORT 1 by a correction without a price: the profit of both trades becomes "
            "unknown (—) and they are left out of money statistics. Entries open when the broker confirms.",
        ),
        (
            later(Situation.ONLY_AT_BROKER, "1", ours=None),
            ADOPT,
            "Use broker: LONG 1",
            "Quantity here FLAT → LONG 1 at the broker's average 5050.25; the entry time is unknown. "
            "Entries open when the broker confirms.",
        ),
        (
            later(Situation.ONLY_AT_BROKER, "1", ours=None, broker_price=None),
            ADOPT,
            "Use broker: LONG 1",
            f"Quantity here FLAT → LONG 1 by a correction without a price: {UNKNOWN_PROFIT} "
            "Entries open when the broker confirms.",
        ),
        (
            later(fills_quantity=Decimal(3)),
            USE_FILLS,
            "Use fills: LONG 3",
            "Quantity here LONG 2 → LONG 3, back to what the fills add up to; the profit of this trade stays "
            "unknown (—). Entries stay locked while the broker says LONG 1.",
        ),
        (
            later(fills_quantity=Decimal(1)),
            USE_FILLS,
            "Use fills: LONG 1",
            "Quantity here LONG 2 → LONG 1, back to what the fills add up to; the profit of this trade stays "
            "unknown (—). Entries open when the broker confirms.",
        ),
        (
            later(),
            IGNORE,
            "Keep ours and watch",
            "Nothing changes; entries in this scope stay locked; it ends by itself when both agree.",
        ),
        (
            later(),
            CLOSE,
            "Take broker's LONG 1 and close it",
            f"Quantity here LONG 2 → LONG 1 by a correction without a price: {UNKNOWN_PROFIT} "
            "Then the orders here are cancelled and a market order closes 1.",
        ),
    ],
)
def test_each_choice_says_what_it_would_do(found: RecoveryRow, choice: RecoveryChoice, text: str, says: str) -> None:
    assert words.choice_words(choice, found, ES) == text
    assert words.effect(choice, found, ES) == says


def test_the_brokers_figure_stands_first_and_asking_is_no_choice() -> None:
    assert words.choices_of(later(Situation.OPPOSITE_SIDE, "-1"))[0] is ADOPT
    assert words.choices_of(row(Situation.OPPOSITE_SIDE)) == (ADOPT, IGNORE)
    assert words.choices_of(later(Situation.CLOSED_AT_BROKER, "0")) == (RECORD, IGNORE)
    assert set(RECONCILE_CHOICES) == words.DIFFERENT


@pytest.mark.parametrize(
    ("snapshot", "says"),
    [
        (long_two(), "ESZ5 Sim1: here LONG 2, broker LONG 2, confirmed 4 s ago."),
        (flat(), "ESZ5 Sim1: here FLAT, broker FLAT, confirmed 4 s ago."),
        (flat(scopes=MappingProxyType({})), "ESZ5 Sim1: here FLAT, broker has not said, not confirmed yet."),
        (
            long_two(scopes=MappingProxyType({ES_KEY: status(Certainty.FILLS_ONLY, None)})),
            "ESZ5 Sim1: here LONG 2, broker has not said, this connection reports no positions: fills only.",
        ),
        (link_is(Link.OFFLINE, long_two()), "ESZ5 Sim1: here LONG 2, broker LONG 2, the line is down."),
        (
            long_two(scopes=MappingProxyType({ES_KEY: status(Certainty.PENDING)})),
            "ESZ5 Sim1: here LONG 2, broker LONG 2, a fill and its report may be crossing.",
        ),
        (
            long_two(scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "1")})),
            "ESZ5 Sim1: here LONG 2, broker LONG 1.",
        ),
    ],
)
def test_the_headline_says_both_figures_and_how_sure_they_are(snapshot: Snapshot, says: str) -> None:
    assert words.headline(ES_KEY, snapshot, NOW) == says


def test_a_scope_differs_by_certainty_or_by_an_open_row_of_this_session() -> None:
    assert words.differing(long_two()) == ()
    assert words.differing(differing()) == (MES_KEY,)
    only_row = replace(differing(), scopes=MappingProxyType({}))
    assert words.differing(only_row) == (MES_KEY,)
    assert words.there(only_row, MES_KEY) == Decimal(1)
    settled = long_two(recovery=recovery(later(decided=ADOPT)))
    assert words.differing(settled) == ()
    assert words.row_of(settled, ES_KEY) is None
    at_start = long_two(recovery=recovery(row(Situation.SIZE_DIFFERS)))
    assert words.differing(at_start) == ()
    assert words.is_different(at_start, ES_KEY)


def test_a_reason_is_asked_wherever_a_slip_costs() -> None:
    asked = {mode: words.reason_needed(ES_KEY, in_mode(mode, flat())) for mode in (*Mode, None)}
    assert asked == {
        Mode.LIVE: "LIVE",
        Mode.EVAL: "EVAL",
        Mode.SIM: "",
        Mode.REPLAY: "",
        None: "LIVE, not classified",
    }


def test_an_age_is_said_in_seconds_and_then_in_minutes() -> None:
    held = position()
    assert held.entry_time is not None
    assert words.ago(NOW, NOW) == "0 s ago"
    assert words.ago(held.entry_time, NOW) == "12:30 ago"
