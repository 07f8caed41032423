"""The limits of an order that bind in a session survive what is written into the settings by hand."""

from alembic import op

revision = "6"
down_revision = "5"
branch_labels = None
depends_on = None

STEPS = """
CREATE TABLE order_limits (
    id INTEGER NOT NULL,
    limits TEXT NOT NULL,
    until TEXT NOT NULL CHECK (until GLOB '????-??-??T??:??:??.??????Z'),
    updated_at TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    PRIMARY KEY (id)
) STRICT

PRAGMA user_version = 6
"""


def upgrade() -> None:
    """Add the table."""
    for statement in STEPS.split("\n\n"):
        op.execute(statement)
