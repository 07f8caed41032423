"""Why an action can do nothing now, in a sentence; "" where it can. Pure.

Only what is known to be idle is refused here: whatever could reduce a risk goes to the engine.
"""

from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.cancel_asking import entries_of
from panels.shown import Shown, arm_refusal

NO_ACCOUNT = "There is no account yet."
NO_SYMBOL = "No symbol is on show."
REAL = (Mode.LIVE, Mode.EVAL)


def scope_refusal(shown: Shown) -> str:
    """Return why nothing can be done in the scope on show: there is none."""
    if shown.account_key is None:
        return NO_ACCOUNT
    return NO_SYMBOL if shown.key is None else ""


def close_refusal(shown: Shown) -> str:
    """Return why there is nothing to close; a doubtful position is not refused."""
    if shown.key is None:
        return scope_refusal(shown)
    if shown.operation is not None and shown.operation.blocks_close:
        return "A close is running; a further press does nothing."
    at_broker = bool(shown.status is not None and shown.status.broker_quantity)
    return "" if shown.position is not None or at_broker else f"Nothing is open in {shown.key.symbol}."


def cancel_refusal(snapshot: Snapshot, shown: Shown) -> str:
    """Return why no entry of the symbol can be cancelled."""
    if shown.key is None:
        return scope_refusal(shown)
    works = any(True for _ in entries_of(shown.key, snapshot))
    return "" if works else f"No entry of {shown.key.symbol} works; nothing was cancelled."


def exit_refusal(shown: Shown) -> str:
    """Return why no exit can be moved; whether one works the engine knows best, and says."""
    if shown.key is None:
        return scope_refusal(shown)
    return "" if shown.position is not None else f"Nothing is open in {shown.key.symbol}."


def flatten_refusal(shown: Shown) -> str:
    """Return why no account can be flattened."""
    return NO_ACCOUNT if shown.account_key is None else ""


def arming_refusal(snapshot: Snapshot, shown: Shown) -> str:
    """Return why arming means nothing, or cannot be; disarming is never refused."""
    if shown.account_key is None:
        return NO_ACCOUNT
    if shown.mode not in REAL:
        return f"{shown.mode.value} needs no arming."
    return "" if shown.account_key in snapshot.armed else arm_refusal(snapshot, shown)
