"""Alerts survive a restart."""

from alembic import op

revision = "5"
down_revision = "4"
branch_labels = None
depends_on = None

STEPS = """
CREATE TABLE alert (
    id INTEGER NOT NULL,
    alert_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('PRICE', 'OPEN P&L', 'R', 'TIME IN TRADE', 'LIMIT')),
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('ABOVE', 'BELOW')),
    level TEXT NOT NULL CHECK (level NOT GLOB '*[^-0-9.]*' AND level GLOB '*[0-9]' AND level NOT GLOB '*.*0' AND level <> '-0'),
    repeats INTEGER NOT NULL CHECK (repeats IN (0, 1)),
    guard TEXT,
    note TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'TRIGGERED', 'OFF')),
    armed INTEGER CHECK (armed IN (0, 1)),
    fired_at TEXT CHECK (fired_at GLOB '????-??-??T??:??:??.??????Z'),
    fired_value TEXT CHECK (fired_value NOT GLOB '*[^-0-9.]*' AND fired_value GLOB '*[0-9]' AND fired_value NOT GLOB '*.*0' AND fired_value <> '-0'),
    fired INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    created_at TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    PRIMARY KEY (id),
    CONSTRAINT each_alert_once UNIQUE (alert_id)
) STRICT

PRAGMA user_version = 5
"""  # noqa: E501


def upgrade() -> None:
    """Add the table."""
    for statement in STEPS.split("\n\n"):
        op.execute(statement)
