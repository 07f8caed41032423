"""The first schema: every table STRICT, ledger and audit log append-only.

STRICT knows TEXT and INTEGER; the words in capitals that look like further types are the shapes below.
"""

import re

from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None

SHAPES = {
    # A decimal in its canonical text, a decimal without a sign, UTC to the microsecond, a truth value, a mode.
    "DECIMAL": ("TEXT", "{0} NOT GLOB '*[^-0-9.]*' AND {0} GLOB '*[0-9]' AND {0} NOT GLOB '*.*0' AND {0} <> '-0'"),
    "SIZE": ("TEXT", "{0} NOT GLOB '*[^0-9.]*' AND {0} GLOB '*[0-9]' AND {0} NOT GLOB '*.*0' AND {0} <> '-0'"),
    "TIME": ("TEXT", "{0} GLOB '????-??-??T??:??:??.??????Z'"),
    "FLAG": ("INTEGER", "{0} IN (0, 1)"),
    "MODE": ("TEXT", "{0} IN ('LIVE', 'EVAL', 'SIM', 'REPLAY')"),
}

TABLES = """
CREATE TABLE open_position (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    mode MODE,
    qty DECIMAL NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('LONG', 'SHORT')),
    entry_price DECIMAL,
    entry_time TIME,
    target_price DECIMAL,
    stop_price DECIMAL,
    entry_vwap DECIMAL,
    entry_cum_delta DECIMAL,
    entry_poc DECIMAL,
    trade_min_price DECIMAL,
    trade_max_price DECIMAL,
    realized_points DECIMAL,
    realized_pnl DECIMAL,
    commissions DECIMAL,
    opened_qty SIZE NOT NULL,
    opened_value DECIMAL,
    closed_value DECIMAL,
    mae SIZE,
    mfe SIZE,
    extremes_complete FLAG NOT NULL,
    heat_since TIME,
    heat_total_s INTEGER NOT NULL,
    heat_max_s INTEGER NOT NULL,
    initial_risk SIZE,
    max_qty SIZE NOT NULL,
    currency TEXT NOT NULL,
    last_execution_id TEXT NOT NULL,
    created_at TIME NOT NULL,
    updated_at TIME NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT side_is_the_sign CHECK ((side = 'SHORT') = (qty GLOB '-*')),
    CONSTRAINT no_row_when_flat CHECK (qty <> '0'),
    CONSTRAINT one_position_per_scope UNIQUE (connection, account, symbol)
) STRICT

CREATE TABLE trade_record (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    mode MODE,
    side TEXT NOT NULL CHECK (side IN ('LONG', 'SHORT')),
    qty SIZE NOT NULL,
    entry_price DECIMAL,
    exit_price DECIMAL,
    entry_time TIME,
    exit_time TIME NOT NULL,
    realized_pnl DECIMAL,
    commissions DECIMAL,
    initial_risk SIZE,
    r_multiple DECIMAL,
    mae SIZE,
    mfe SIZE,
    extremes_complete FLAG NOT NULL,
    efficiency DECIMAL,
    currency TEXT NOT NULL,
    entry_vwap DECIMAL,
    entry_cum_delta DECIMAL,
    entry_poc DECIMAL,
    exit_vwap DECIMAL,
    exit_cum_delta DECIMAL,
    exit_reason TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('OURS', 'EXTERNAL', 'RECON', 'MANUAL')),
    note TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT

CREATE TABLE fill_record (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    mode MODE,
    execution_id TEXT NOT NULL,
    leg INTEGER NOT NULL CHECK (leg >= 0),
    client_order_id TEXT NOT NULL,
    server_order_id TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('BUY', 'SELL')),
    qty SIZE NOT NULL,
    price DECIMAL,
    commission DECIMAL,
    fill_time TIME,
    received_at TIME NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('OURS', 'EXTERNAL', 'RECON', 'MANUAL')),
    off_tick FLAG NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT a_fill_moves_something CHECK (qty <> '0'),
    CONSTRAINT each_execution_once UNIQUE (connection, account, execution_id, leg)
) STRICT

CREATE INDEX fill_by_order ON fill_record (client_order_id) WHERE client_order_id > ''

CREATE TABLE order_record (
    id INTEGER NOT NULL,
    client_order_id TEXT NOT NULL,
    server_order_id TEXT NOT NULL,
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    mode MODE,
    side TEXT NOT NULL CHECK (side IN ('BUY', 'SELL')),
    intent TEXT NOT NULL CHECK (intent IN ('OPEN', 'ADD', 'REDUCE', 'CLOSE', 'REVERSE', 'PROTECT')),
    type TEXT NOT NULL CHECK (type IN ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')),
    qty SIZE NOT NULL,
    filled_qty SIZE NOT NULL,
    price DECIMAL,
    trigger_price DECIMAL,
    tif TEXT NOT NULL CHECK (tif IN ('DAY', 'GTC')),
    state TEXT NOT NULL CHECK (state IN ('CREATED', 'SENT', 'WORKING', 'PARTIAL', 'PENDING_CHANGE', 'PENDING_CANCEL',
        'UNKNOWN', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'DENIED')),
    held TEXT NOT NULL CHECK (held IN ('SERVER', 'LOCAL')),
    reason TEXT NOT NULL,
    action_id TEXT NOT NULL,
    parent_client_order_id TEXT NOT NULL,
    oco_client_order_id TEXT NOT NULL,
    external FLAG NOT NULL,
    created_at TIME NOT NULL,
    updated_at TIME NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT each_order_once UNIQUE (client_order_id)
) STRICT

CREATE INDEX order_alive ON order_record (id)
    WHERE state NOT IN ('FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'DENIED')

CREATE TABLE account (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    name TEXT NOT NULL,
    mode MODE,
    currency TEXT NOT NULL,
    trading_disabled FLAG NOT NULL,
    fills_anchor TIME,
    created_at TIME NOT NULL,
    updated_at TIME NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT each_account_once UNIQUE (connection, name)
) STRICT

CREATE TABLE instrument (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    symbol TEXT NOT NULL,
    tick_size SIZE,
    tick_value SIZE,
    currency TEXT NOT NULL,
    description TEXT NOT NULL,
    quantity_step SIZE NOT NULL,
    price_format INTEGER NOT NULL,
    updated_at TIME NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT each_contract_once UNIQUE (connection, symbol)
) STRICT

CREATE TABLE operation (
    id INTEGER NOT NULL,
    operation_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('CLOSE')),
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    mode MODE,
    step TEXT NOT NULL,
    is_over FLAG NOT NULL,
    started_at TIME NOT NULL,
    step_since TIME NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT each_operation_once UNIQUE (operation_id)
) STRICT

CREATE INDEX operation_unfinished ON operation (id) WHERE is_over = 0

CREATE TABLE guard_lock (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIME NOT NULL,
    expires_at TIME,
    released_at TIME,
    PRIMARY KEY (id)
) STRICT

CREATE TABLE run (
    id INTEGER NOT NULL,
    started_at TIME NOT NULL,
    alive_at TIME NOT NULL,
    ended_at TIME,
    PRIMARY KEY (id)
) STRICT

CREATE TABLE equity_point (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ANCHOR', 'TRADE', 'RESET')),
    cash DECIMAL NOT NULL,
    at TIME NOT NULL,
    PRIMARY KEY (id)
) STRICT

CREATE INDEX equity_by_account ON equity_point (connection, account, id)

CREATE TABLE audit_event (
    sequence INTEGER NOT NULL,
    time TIME NOT NULL,
    kind TEXT NOT NULL,
    connection TEXT,
    account TEXT,
    mode MODE,
    text TEXT NOT NULL,
    cause TEXT NOT NULL,
    data TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (sequence)
) STRICT
"""

APPEND_ONLY = """
CREATE TRIGGER {table}_never_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} only grows'); END
"""


def upgrade() -> None:
    """Make the tables in an empty file."""
    for statement in TABLES.split("\n\n"):
        op.execute(_typed(statement))
    for table in ("fill_record", "audit_event"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(APPEND_ONLY.format(table=table, verb=verb))
    op.execute("PRAGMA application_id = 0x53544E43")
    op.execute("PRAGMA user_version = 1")


def _typed(statement: str) -> str:
    """Replace each shape by its storage type and the check that keeps it."""

    def replacement(found: re.Match[str]) -> str:
        name, shape, required = found.groups()
        storage, check = SHAPES[shape]
        return f"{name} {storage}{required or ''} CHECK ({check.format(name)})"

    return re.sub(rf"(\w+) ({'|'.join(SHAPES)})( NOT NULL)?(?=,)", replacement, statement)
