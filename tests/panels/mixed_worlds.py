"""Snapshots in which the trader has something to decide: what recovery found, what came up while trading."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.model.fill import FillSource, Side
from core.model.finding import Finding, FindingKind
from core.model.instrument import Instrument
from core.model.order import Intent, OrderState, OrderType
from core.model.recovery import RecoveryRow, Situation
from core.model.scope import Account, AccountKey, Mode, PositionKey
from core.snapshot import Certainty, ScopeStatus, Snapshot
from tests.panels.worlds import ES_KEY, MES_KEY, ago, by_id, fill, flat, long_two, order, position, quote, recovery, row

EVAL_ACCOUNT = AccountKey("sim", "EVAL-50K-117")
ZN_KEY = PositionKey("sim", "Sim1", "ZNZ5")
NQ_KEY = PositionKey("sim", "Sim1", "NQZ5")
CL_KEY = PositionKey("sim", "EVAL-50K-117", "CLF6")
BTC_KEY = PositionKey("sim", "Sim1", "BTCUSD-PERP")
RTY_KEY = PositionKey("sim", "Sim1", "RTYZ26_FUT_CME")
ZN = Instrument("ZNZ5", Decimal("0.015625"), Decimal("15.625"), "USD", "10-Year T-Note", price_format=134)
NQ = Instrument("NQZ5", Decimal("0.25"), Decimal("5.00"), "USD", "E-mini Nasdaq-100")
CL = Instrument("CLF6", Decimal("0.01"), Decimal("10.00"), "USD", "Crude Oil")
RTY = Instrument("RTYZ26_FUT_CME", Decimal("0.10"), Decimal("5.00"), "USD", "E-mini Russell 2000")
BTC = Instrument("BTCUSD-PERP", Decimal("0.5"), Decimal("0.5"), "USD", "Bitcoin perpetual", Decimal("0.001"))

ORPHAN = Finding(
    NQ_KEY,
    FindingKind.ORPHAN_ORDER,
    "ST7QK20000000000000011",
    order(11, key=NQ_KEY, trigger_price=Decimal("18045.25")),
    None,
    Decimal(2),
    at_start=True,
)
UNKNOWN = Finding(
    CL_KEY,
    FindingKind.UNKNOWN_ORDER,
    "ST7QK20000000000000012",
    order(
        12,
        key=CL_KEY,
        side=Side.BUY,
        intent=Intent.OPEN,
        type=OrderType.LIMIT,
        quantity=Decimal(1),
        price=Decimal("58.40"),
        trigger_price=None,
        state=OrderState.UNKNOWN,
    ),
    None,
    Decimal(1),
    at_start=True,
)
BARE = Finding(
    ZN_KEY,
    FindingKind.MISSING_PROTECTION,
    "",
    None,
    position(ZN_KEY, "2", "110.515625", stop_price=Decimal("110.25")),
    Decimal(2),
    Decimal("110.25"),
    at_start=True,
)
LEFT_WORKING = Finding(
    RTY_KEY,
    FindingKind.WORKING_ORDER,
    "ST7QK20000000000000014",
    order(
        14,
        key=RTY_KEY,
        side=Side.BUY,
        intent=Intent.OPEN,
        type=OrderType.LIMIT,
        quantity=Decimal(1),
        price=Decimal("2040.10"),
        trigger_price=None,
    ),
    None,
    Decimal(1),
    at_start=True,
)
EXCESS = Finding(
    ES_KEY,
    FindingKind.ORPHAN_ORDER,
    "ST7QK20000000000000015",
    order(15, quantity=Decimal(3)),
    position(),
    Decimal(1),
)
MIXED_ROWS = (
    row(Situation.MATCH, ES_KEY),
    row(Situation.SIZE_DIFFERS, MES_KEY, broker_quantity=Decimal(3), broker_price=Decimal("5050.50")),
    row(
        Situation.CLOSED_AT_BROKER,
        BTC_KEY,
        ours=position(BTC_KEY, "-0.5", "101234.5"),
        broker_quantity=Decimal(0),
        broker_price=None,
    ),
    row(Situation.MATCH, ZN_KEY, ours=BARE.position, broker_price=Decimal("110.515625")),
)


def status_of(key: PositionKey, certainty: Certainty, broker: str | None, **changes: Any) -> ScopeStatus:
    """Return what is known around a scope; the broker spoke 4 s ago."""
    figure = None if broker is None else Decimal(broker)
    return replace(ScopeStatus(key, certainty, figure, None, None if broker is None else ago(4)), **changes)


def world_of(base: Snapshot, findings: tuple[Finding, ...], **changes: Any) -> Snapshot:
    """Return a snapshot in which something was found, with the orders and positions it was found about."""
    orders = [one.order for one in findings if one.order is not None]
    positions = {one.key: one.position for one in findings if one.position is not None}
    instruments = {("sim", one.symbol): one for one in (ZN, NQ, CL, BTC, RTY)}
    accounts = {EVAL_ACCOUNT: Account(EVAL_ACCOUNT, Mode.EVAL, "USD")}
    made = replace(
        base,
        findings=findings,
        orders=MappingProxyType({**base.orders, **by_id(*orders)}),
        positions=MappingProxyType({**base.positions, **positions}),
        instruments=MappingProxyType({**base.instruments, **instruments}),
        accounts=MappingProxyType({**base.accounts, **accounts}),
        quotes=MappingProxyType({**base.quotes, ("sim", "ZNZ5"): quote("110.5", symbol="ZNZ5")}),
    )
    return replace(made, **changes)


def mixed() -> Snapshot:
    """Return an unclean start that found one of everything."""
    stop = order(16, key=MES_KEY, trigger_price=Decimal("5044.00"))
    base = long_two(recovery=recovery(*MIXED_ROWS), orders=by_id(order(1), stop))
    scopes = {
        ES_KEY: status_of(ES_KEY, Certainty.CONFIRMED, "2"),
        NQ_KEY: status_of(NQ_KEY, Certainty.CONFIRMED, "0"),
        ZN_KEY: status_of(ZN_KEY, Certainty.CONFIRMED, "2"),
        RTY_KEY: status_of(RTY_KEY, Certainty.CONFIRMED, "0"),
    }
    return world_of(base, (ORPHAN, UNKNOWN, BARE, LEFT_WORKING), scopes=MappingProxyType(scopes))


def differing(
    key: PositionKey = MES_KEY,
    ours: str = "2",
    broker: str = "1",
    situation: Situation = Situation.SIZE_DIFFERS,
    entry: str = "5050.25",
    **changes: Any,
) -> Snapshot:
    """Return a scope whose quantity differs from the broker's while trading goes on."""
    held = None if Decimal(ours) == 0 else position(key, ours, entry)
    found = RecoveryRow(key, situation, held, Decimal(broker), Decimal(entry), version=3, in_session=True)
    found = replace(found, **{"fills_quantity": Decimal(ours), **changes})
    bought = fill(21, key=key, quantity=Decimal(1), price=Decimal(entry))
    others = fill(
        22, key=key, quantity=Decimal(1), price=Decimal(entry), source=FillSource.EXTERNAL, fill_time=ago(340)
    )
    told = status_of(key, Certainty.MISMATCH, broker, broker_price=Decimal(entry))
    base = flat(
        recovery=replace(recovery(found, wants=False), unclean=False),
        scopes=MappingProxyType({key: told}),
        fills=() if held is None else (bought, others),
        positions=MappingProxyType({} if held is None else {key: held}),
        orders=by_id(order(23, key=key, trigger_price=Decimal(entry) - 5, side=Side.SELL)) if held else by_id(),
    )
    return world_of(base, ())
