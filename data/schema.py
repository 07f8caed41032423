"""The tables, as SQLAlchemy Core: a trader may read every one of them with any SQLite tool.

Core tables rather than mapped classes: the domain's values are frozen dataclasses of their own, nothing here wants an
identity map or a session, the write path of a fill is hand-written statements anyway, and the import is half as long.
Every table is STRICT and every column TEXT or INTEGER: decimals and times through `data.types`, truth values as 0 and
1.

This is how the newest schema looks to the program. What makes a file look so are the steps in `data/migrations`; a
test holds the two against each other.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint, text

from data.types import DecimalText, UtcDateTime

METADATA = MetaData()

_MODES = "'LIVE', 'EVAL', 'SIM', 'REPLAY'"
_FINAL_STATES = "'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'DENIED'"


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _word(name: str, words: str) -> Column[str]:
    return Column(name, Text, CheckConstraint(f"{name} IN ({words})"), nullable=False)


def _mode() -> Column[str]:
    """NULL is an account the user has not classified."""
    return Column("mode", Text, CheckConstraint(f"mode IN ({_MODES})"), nullable=True)


def _flag(name: str) -> Column[int]:
    return Column(name, Integer, CheckConstraint(f"{name} IN (0, 1)"), nullable=False)


def _decimal(name: str, *, nullable: bool = True, minus: bool = True) -> Column[Decimal]:
    """A decimal in its canonical text; `minus` allows a negative one."""
    allowed = "-0-9." if minus else "0-9."
    shape = f"{name} NOT GLOB '*[^{allowed}]*' AND {name} GLOB '*[0-9]' AND {name} NOT GLOB '*.*0' AND {name} <> '-0'"
    return Column(name, DecimalText, CheckConstraint(shape), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, CheckConstraint(f"{name} GLOB '????-??-??T??:??:??.??????Z'"), nullable=nullable)


def _scope() -> tuple[Column[str], Column[str], Column[str]]:
    return _text("connection"), _text("account"), _text("symbol")


OPEN_POSITION = Table(
    "open_position",
    METADATA,
    _id(),
    *_scope(),
    _mode(),
    _decimal("qty", nullable=False),
    _word("side", "'LONG', 'SHORT'"),
    _decimal("entry_price"),
    _time("entry_time", nullable=True),
    _decimal("target_price"),
    _decimal("stop_price"),
    _decimal("entry_vwap"),
    _decimal("entry_cum_delta"),
    _decimal("entry_poc"),
    _decimal("trade_min_price"),
    _decimal("trade_max_price"),
    _decimal("realized_points"),
    _decimal("realized_pnl"),
    _decimal("commissions"),
    _decimal("opened_qty", nullable=False, minus=False),
    _decimal("opened_value"),
    _decimal("closed_value"),
    _decimal("mae", minus=False),
    _decimal("mfe", minus=False),
    _flag("extremes_complete"),
    _time("heat_since", nullable=True),
    Column("heat_total_s", Integer, nullable=False),
    Column("heat_max_s", Integer, nullable=False),
    _decimal("initial_risk", minus=False),
    _decimal("max_qty", nullable=False, minus=False),
    _text("currency"),
    _text("last_execution_id"),
    _time("created_at"),
    _time("updated_at"),
    CheckConstraint("(side = 'SHORT') = (qty GLOB '-*')", name="side_is_the_sign"),
    CheckConstraint("qty <> '0'", name="no_row_when_flat"),
    UniqueConstraint("connection", "account", "symbol", name="one_position_per_scope"),
    sqlite_strict=True,
)

TRADE_RECORD = Table(
    "trade_record",
    METADATA,
    _id(),
    *_scope(),
    _mode(),
    _word("side", "'LONG', 'SHORT'"),
    _decimal("qty", nullable=False, minus=False),
    _decimal("entry_price"),
    _decimal("exit_price"),
    _time("entry_time", nullable=True),
    _time("exit_time"),
    _decimal("realized_pnl"),
    _decimal("commissions"),
    _decimal("initial_risk", minus=False),
    _decimal("r_multiple"),
    _decimal("mae", minus=False),
    _decimal("mfe", minus=False),
    _flag("extremes_complete"),
    _decimal("efficiency"),
    _text("currency"),
    _decimal("entry_vwap"),
    _decimal("entry_cum_delta"),
    _decimal("entry_poc"),
    _decimal("exit_vwap"),
    _decimal("exit_cum_delta"),
    _text("exit_reason"),
    _word("source", "'OURS', 'EXTERNAL', 'RECON', 'MANUAL'"),
    _text("note"),
    Column("heat_total_s", Integer),
    Column("heat_max_s", Integer),
    _decimal("exit_poc"),
    sqlite_strict=True,
)
Index("trade_by_exit", TRADE_RECORD.c.connection, TRADE_RECORD.c.account, TRADE_RECORD.c.exit_time)

FILL_RECORD = Table(
    "fill_record",
    METADATA,
    _id(),
    *_scope(),
    _mode(),
    _text("execution_id"),
    Column("leg", Integer, CheckConstraint("leg >= 0"), nullable=False),
    _text("client_order_id"),
    _text("server_order_id"),
    _word("side", "'BUY', 'SELL'"),
    _decimal("qty", nullable=False, minus=False),
    _decimal("price"),
    _decimal("commission"),
    _time("fill_time", nullable=True),
    _time("received_at"),
    _word("source", "'OURS', 'EXTERNAL', 'RECON', 'MANUAL'"),
    _flag("off_tick"),
    CheckConstraint("qty <> '0'", name="a_fill_moves_something"),
    UniqueConstraint("connection", "account", "execution_id", "leg", name="each_execution_once"),
    sqlite_strict=True,
)
HAS_ORDER = text("client_order_id > ''")
Index("fill_by_order", FILL_RECORD.c.client_order_id, sqlite_where=HAS_ORDER)

ORDER_RECORD = Table(
    "order_record",
    METADATA,
    _id(),
    _text("client_order_id"),
    _text("server_order_id"),
    *_scope(),
    _mode(),
    _word("side", "'BUY', 'SELL'"),
    _word("intent", "'OPEN', 'ADD', 'REDUCE', 'CLOSE', 'REVERSE', 'PROTECT'"),
    _word("type", "'MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT'"),
    _decimal("qty", nullable=False, minus=False),
    _decimal("filled_qty", nullable=False, minus=False),
    _decimal("price"),
    _decimal("trigger_price"),
    _word("tif", "'DAY', 'GTC'"),
    _word(
        "state",
        "'CREATED', 'SENT', 'WORKING', 'PARTIAL', 'PENDING_CHANGE', 'PENDING_CANCEL', 'UNKNOWN', " + _FINAL_STATES,
    ),
    _word("held", "'SERVER', 'LOCAL'"),
    _text("reason"),
    _text("action_id"),
    _text("parent_client_order_id"),
    _text("oco_client_order_id"),
    _flag("external"),
    _time("created_at"),
    _time("updated_at"),
    UniqueConstraint("client_order_id", name="each_order_once"),
    sqlite_strict=True,
)
# What may still trade: few rows of a table that only grows. The query must say the same words as the index.
ALIVE = text(f"state NOT IN ({_FINAL_STATES})")
Index("order_alive", ORDER_RECORD.c.id, sqlite_where=ALIVE)

ACCOUNT = Table(
    "account",
    METADATA,
    _id(),
    _text("connection"),
    _text("name"),
    _mode(),
    _text("currency"),
    _flag("trading_disabled"),
    _time("fills_anchor", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    UniqueConstraint("connection", "name", name="each_account_once"),
    sqlite_strict=True,
)

INSTRUMENT = Table(
    "instrument",
    METADATA,
    _id(),
    _text("connection"),
    _text("symbol"),
    _decimal("tick_size", minus=False),
    _decimal("tick_value", minus=False),
    _text("currency"),
    _text("description"),
    _decimal("quantity_step", nullable=False, minus=False),
    Column("price_format", Integer, nullable=False),
    _time("updated_at"),
    UniqueConstraint("connection", "symbol", name="each_contract_once"),
    sqlite_strict=True,
)

OPERATION = Table(
    "operation",
    METADATA,
    _id(),
    _text("operation_id"),
    _word("kind", "'CLOSE', 'ENTRY', 'TRAIL'"),
    *_scope(),
    _mode(),
    _text("step"),
    _flag("is_over"),
    _time("started_at"),
    _time("step_since"),
    _text("state"),
    UniqueConstraint("operation_id", name="each_operation_once"),
    sqlite_strict=True,
)
UNFINISHED = text("is_over = 0")
Index("operation_unfinished", OPERATION.c.id, sqlite_where=UNFINISHED)

GUARD_LOCK = Table(
    "guard_lock",
    METADATA,
    _id(),
    *_scope(),
    _text("kind"),
    _text("reason"),
    _time("created_at"),
    _time("expires_at", nullable=True),
    _time("released_at", nullable=True),
    sqlite_strict=True,
)

GUARD_STATE = Table(
    "guard_state",
    METADATA,
    _id(),
    _text("connection"),
    _text("account"),
    _time("day"),
    _text("state"),
    _time("updated_at"),
    UniqueConstraint("connection", "account", name="each_guarded_account_once"),
    sqlite_strict=True,
)

ORDER_LIMITS = Table(
    "order_limits",
    METADATA,
    _id(),
    _text("limits"),
    _time("until"),
    _time("updated_at"),
    sqlite_strict=True,
)

ALERT = Table(
    "alert",
    METADATA,
    _id(),
    _text("alert_id"),
    _word("kind", "'PRICE', 'OPEN P&L', 'R', 'TIME IN TRADE', 'LIMIT'"),
    *_scope(),
    _word("way", "'ABOVE', 'BELOW'"),
    _decimal("level", nullable=False),
    _flag("repeats"),
    _text("guard", nullable=True),
    _text("note"),
    _word("state", "'ACTIVE', 'TRIGGERED', 'OFF'"),
    Column("armed", Integer, CheckConstraint("armed IN (0, 1)"), nullable=True),
    _time("fired_at", nullable=True),
    _decimal("fired_value"),
    Column("fired", Integer, nullable=False),
    Column("unread", Integer, nullable=False),
    _time("created_at"),
    UniqueConstraint("alert_id", name="each_alert_once"),
    sqlite_strict=True,
)

RUN = Table(
    "run",
    METADATA,
    _id(),
    _time("started_at"),
    _time("alive_at"),
    _time("ended_at", nullable=True),
    sqlite_strict=True,
)

EQUITY_POINT = Table(
    "equity_point",
    METADATA,
    _id(),
    _text("connection"),
    _text("account"),
    _word("kind", "'ANCHOR', 'TRADE', 'RESET'"),
    _decimal("cash", nullable=False),
    _time("at"),
    sqlite_strict=True,
)
Index("equity_by_account", EQUITY_POINT.c.connection, EQUITY_POINT.c.account, EQUITY_POINT.c.id)

AUDIT_EVENT = Table(
    "audit_event",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    _time("time"),
    _text("kind"),
    _text("connection", nullable=True),
    _text("account", nullable=True),
    _mode(),
    _text("text"),
    _text("cause"),
    _text("data"),
    Column("hash", Text, CheckConstraint("length(hash) = 64"), nullable=False),
    sqlite_strict=True,
)
