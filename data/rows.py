"""Row ↔ domain for the ledger: fills, open positions, trades, orders; and what stands around them.

A row is anything with the columns as attributes and their values converted: the first look at a file reads it
before SQLAlchemy is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import DatabaseDamaged
from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.order import Held, Intent, Order, OrderState, OrderType, TimeInForce
from core.model.position import Position
from core.model.scope import Account, AccountKey, Mode, PositionKey
from core.model.session_marks import SessionMarks
from core.model.trade import Trade

if TYPE_CHECKING:
    from sqlalchemy import Row

Member = TypeVar("Member", bound=Enum)


def member(words: type[Member], text: str) -> Member:
    """Return the enum member of a stored word.

    Raises:
        DatabaseDamaged: there is none.
    """
    try:
        return words(text)
    except ValueError as error:
        raise DatabaseDamaged(f"the database holds {text!r} where a {words.__name__} belongs") from error


def mode_word(mode: Mode | None) -> str | None:
    """Return the stored word of a mode; None is an unclassified account."""
    return None if mode is None else mode.value


def scope_row(key: PositionKey) -> dict[str, Any]:
    """Return the three columns of a scope."""
    return {"connection": key.connection, "account": key.account, "symbol": key.symbol}


def scope_of(row: Row[Any]) -> PositionKey:
    """Return the scope of a row."""
    return PositionKey(row.connection, row.account, row.symbol)


def side_word(direction: int) -> str:
    """Return LONG or SHORT."""
    return "LONG" if direction > 0 else "SHORT"


def fill_row(fill: Fill, mode: Mode | None) -> dict[str, Any]:
    """Return a fill as the ledger keeps it."""
    return {
        **scope_row(fill.key),
        "mode": mode_word(mode),
        "execution_id": fill.execution_id,
        "leg": fill.leg,
        "client_order_id": fill.client_order_id,
        "server_order_id": fill.server_order_id,
        "side": fill.side.value,
        "qty": fill.quantity,
        "price": fill.price,
        "commission": fill.commission,
        "fill_time": fill.fill_time,
        "received_at": fill.received_at,
        "source": fill.source.value,
        "off_tick": int(fill.off_tick),
    }


def fill_of(row: Row[Any]) -> Fill:
    """Return the fill of a ledger row."""
    return Fill(
        key=scope_of(row),
        execution_id=row.execution_id,
        side=member(Side, row.side),
        quantity=row.qty,
        price=row.price,
        fill_time=row.fill_time,
        received_at=row.received_at,
        commission=row.commission,
        source=member(FillSource, row.source),
        client_order_id=row.client_order_id,
        server_order_id=row.server_order_id,
        leg=row.leg,
        off_tick=bool(row.off_tick),
    )


def folded_row(position: Position) -> Mapping[str, Any]:
    """Return what fills decide about an open position."""
    return {
        "qty": position.quantity,
        "side": position.side_word,
        "entry_price": position.entry_price,
        "entry_time": position.entry_time,
        "realized_points": position.realized_points,
        "commissions": position.commissions,
        "opened_qty": position.opened_quantity,
        "opened_value": position.opened_value,
        "closed_value": position.closed_value,
        "max_qty": position.max_quantity,
        "last_execution_id": position.last_execution_id,
        **annotated_row(position),
    }


def entered_row(position: Position) -> dict[str, Any]:
    """Return what is decided once, by the opening fill; an update leaves it be."""
    marks = position.entry_marks
    return {"entry_vwap": marks.vwap, "entry_cum_delta": marks.cum_delta, "entry_poc": marks.poc}


def annotated_row(position: Position) -> dict[str, Any]:
    """Return what moves without a fill: excursions, heat, exits, risk, and money of a contract that became known."""
    return {
        "realized_pnl": position.realized_pnl,
        "currency": position.currency,
        "mae": position.mae,
        "mfe": position.mfe,
        "trade_min_price": position.min_price,
        "trade_max_price": position.max_price,
        "extremes_complete": int(position.extremes_complete),
        "heat_since": position.heat_since,
        "heat_total_s": position.heat_total_s,
        "heat_max_s": position.heat_max_s,
        "initial_risk": position.initial_risk,
        "stop_price": position.stop_price,
        "target_price": position.target_price,
    }


def position_of(row: Row[Any]) -> Position:
    """Return the open position of a row."""
    return Position(
        key=scope_of(row),
        quantity=row.qty,
        entry_price=row.entry_price,
        entry_time=row.entry_time,
        realized_points=row.realized_points,
        realized_pnl=row.realized_pnl,
        commissions=row.commissions,
        opened_quantity=row.opened_qty,
        opened_value=row.opened_value,
        closed_value=row.closed_value,
        max_quantity=row.max_qty,
        currency=row.currency,
        mae=row.mae,
        mfe=row.mfe,
        min_price=row.trade_min_price,
        max_price=row.trade_max_price,
        extremes_complete=bool(row.extremes_complete),
        heat_since=row.heat_since,
        heat_total_s=row.heat_total_s,
        heat_max_s=row.heat_max_s,
        initial_risk=row.initial_risk,
        stop_price=row.stop_price,
        target_price=row.target_price,
        last_execution_id=row.last_execution_id,
        entry_marks=SessionMarks(row.entry_vwap, row.entry_cum_delta, row.entry_poc),
    )


def trade_row(trade: Trade, mode: Mode | None) -> dict[str, Any]:
    """Return a round trip as it is kept, with the figures that are defined on it."""
    return {
        **scope_row(trade.key),
        "mode": mode_word(mode),
        "side": side_word(trade.direction),
        "qty": trade.quantity,
        "entry_price": trade.entry_price,
        "exit_price": trade.exit_price,
        "entry_time": trade.entry_time,
        "exit_time": trade.exit_time,
        "realized_pnl": trade.realized_pnl,
        "commissions": trade.commissions,
        "initial_risk": trade.initial_risk,
        "r_multiple": trade.r_multiple,
        "mae": trade.mae,
        "mfe": trade.mfe,
        "extremes_complete": int(trade.extremes_complete),
        "efficiency": trade.capture,
        "currency": trade.currency,
        "exit_reason": trade.exit_reason,
        "source": trade.source.value,
        "note": trade.note,
        "heat_total_s": trade.heat_total_s,
        "heat_max_s": trade.heat_max_s,
        "entry_vwap": trade.entry_marks.vwap,
        "entry_cum_delta": trade.entry_marks.cum_delta,
        "entry_poc": trade.entry_marks.poc,
        "exit_vwap": trade.exit_marks.vwap,
        "exit_cum_delta": trade.exit_marks.cum_delta,
        "exit_poc": trade.exit_marks.poc,
    }


def trade_of(row: Row[Any]) -> Trade:
    """Return the round trip of a row."""
    return Trade(
        key=scope_of(row),
        direction=1 if row.side == "LONG" else -1,
        quantity=row.qty,
        entry_price=row.entry_price,
        exit_price=row.exit_price,
        entry_time=row.entry_time,
        exit_time=row.exit_time,
        realized_pnl=row.realized_pnl,
        commissions=row.commissions,
        initial_risk=row.initial_risk,
        mae=row.mae,
        mfe=row.mfe,
        extremes_complete=bool(row.extremes_complete),
        currency=row.currency,
        exit_reason=row.exit_reason,
        source=member(FillSource, row.source),
        note=row.note,
        heat_total_s=row.heat_total_s,
        heat_max_s=row.heat_max_s,
        entry_marks=SessionMarks(row.entry_vwap, row.entry_cum_delta, row.entry_poc),
        exit_marks=SessionMarks(row.exit_vwap, row.exit_cum_delta, row.exit_poc),
    )


def order_of(row: Row[Any]) -> Order:
    """Return the order of a row."""
    return Order(
        key=scope_of(row),
        client_order_id=row.client_order_id,
        side=member(Side, row.side),
        intent=member(Intent, row.intent),
        type=member(OrderType, row.type),
        quantity=row.qty,
        created_at=row.created_at,
        updated_at=row.updated_at,
        price=row.price,
        trigger_price=row.trigger_price,
        time_in_force=member(TimeInForce, row.tif),
        state=member(OrderState, row.state),
        filled_quantity=row.filled_qty,
        server_order_id=row.server_order_id,
        held=member(Held, row.held),
        reason=row.reason,
        action_id=row.action_id,
        parent_client_order_id=row.parent_client_order_id,
        oco_client_order_id=row.oco_client_order_id,
        external=bool(row.external),
    )


def account_of(row: Row[Any]) -> Account:
    """Return the account of a row."""
    return Account(
        key=AccountKey(row.connection, row.name),
        mode=None if row.mode is None else member(Mode, row.mode),
        currency=row.currency,
        trading_disabled=bool(row.trading_disabled),
    )


def instrument_of(row: Row[Any]) -> Instrument:
    """Return the contract of a row."""
    return Instrument(
        symbol=row.symbol,
        tick_size=row.tick_size,
        tick_value=row.tick_value,
        currency=row.currency,
        description=row.description,
        quantity_step=row.quantity_step,
        price_format=row.price_format,
    )
