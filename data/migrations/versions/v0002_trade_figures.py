"""Trades keep the time they were under water and the point of control at their end, and are found by their exit.

What no earlier version measured stays unknown: NULL.
"""

from alembic import op

revision = "2"
down_revision = "1"
branch_labels = None
depends_on = None

STEPS = """
ALTER TABLE trade_record ADD COLUMN heat_total_s INTEGER

ALTER TABLE trade_record ADD COLUMN heat_max_s INTEGER

ALTER TABLE trade_record ADD COLUMN exit_poc TEXT CHECK (
    exit_poc NOT GLOB '*[^-0-9.]*' AND exit_poc GLOB '*[0-9]' AND exit_poc NOT GLOB '*.*0' AND exit_poc <> '-0')

CREATE INDEX trade_by_exit ON trade_record (connection, account, exit_time)

PRAGMA user_version = 2
"""


def upgrade() -> None:
    """Add the columns and the index."""
    for statement in STEPS.split("\n\n"):
        op.execute(statement)
