"""Guards remember over a restart where the day and the account came from."""

from alembic import op

revision = "3"
down_revision = "2"
branch_labels = None
depends_on = None

STEPS = """
CREATE TABLE guard_state (
    id INTEGER NOT NULL,
    connection TEXT NOT NULL,
    account TEXT NOT NULL,
    day TEXT NOT NULL CHECK (day GLOB '????-??-??T??:??:??.??????Z'),
    state TEXT NOT NULL,
    updated_at TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    PRIMARY KEY (id),
    CONSTRAINT each_guarded_account_once UNIQUE (connection, account)
) STRICT

PRAGMA user_version = 3
"""


def upgrade() -> None:
    """Add the table."""
    for statement in STEPS.split("\n\n"):
        op.execute(statement)
