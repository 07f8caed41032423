"""Whether an account can begin anew, read from a snapshot; the panel looks first, the engine has the word."""

from core.link import Link
from core.model.scope import AccountKey, Mode
from core.snapshot import Snapshot


def reset_refusal(key: AccountKey, snapshot: Snapshot) -> str:
    """Return why an account cannot be reset now, in a sentence; empty when it can. Pure."""
    account, line = snapshot.accounts.get(key), snapshot.connections.get(key.connection)
    if key.connection not in snapshot.resettable or account is None or account.mode is not Mode.SIM:
        return f"{key.account} is not an account of the built-in simulator."
    if line is None or line.link is not Link.READY:
        return f"the line {key.connection} is not ready."
    if any(scope.account_key == key for scope in snapshot.positions):
        return f"{key.account} has an open position; close it first."
    if any(one.key.account_key == key and one.is_alive for one in snapshot.orders.values()):
        return f"{key.account} has an order that may still trade; cancel it first."
    if any(one.key.account_key == key and one.broker_quantity for one in snapshot.scopes.values()):
        return f"the broker holds a position in {key.account}; reconcile it first."
    if any(scope.account_key == key and one.blocks_close for scope, one in snapshot.operations.items()):
        return f"something in {key.account} is being closed."
    if snapshot.unsaved.entries or not snapshot.database.ok:
        return "the database does not take writes, so it could not be noted."
    return ""
