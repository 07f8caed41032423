"""Whether an account's money is of one currency; where it is not, no figure of ours can be the sum of it."""

from typing import Final

from sqlalchemy import Connection, Select, Table, bindparam, select

from core.model.scope import AccountKey
from data.schema import ACCOUNT, OPEN_POSITION, TRADE_RECORD


def _foreign_in(table: Table) -> Select[tuple[int]]:
    return (
        select(table.c.id)
        .join(ACCOUNT, (ACCOUNT.c.connection == table.c.connection) & (ACCOUNT.c.name == table.c.account))
        .where(
            table.c.connection == bindparam("of_connection"),
            table.c.account == bindparam("of_account"),
            table.c.currency != "",
            ACCOUNT.c.currency != "",
            table.c.currency != ACCOUNT.c.currency,
        )
        .limit(1)
    )


_FOREIGN: Final = (_foreign_in(OPEN_POSITION), _foreign_in(TRADE_RECORD))


def mixes_currencies(connection: Connection, key: AccountKey) -> bool:
    """Say whether an account holds or ever closed something settled in another currency than its own."""
    of = {"of_connection": key.connection, "of_account": key.account}
    return any(connection.execute(asked, of).first() is not None for asked in _FOREIGN)
