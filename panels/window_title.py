"""The words in the title of the window. Pure."""

from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import shown_in


def window_title(snapshot: Snapshot) -> str:
    """Return the window title: "[LIVE] ACCT-123 · MESZ5 LONG 2 · +12.50 · Stanchion"."""
    shown = shown_in(snapshot)
    parts = []
    if shown.account_key is not None:
        parts.append(f"[{shown.mode.value}] {shown.account_key.account}")
    if shown.key is not None:
        flat = "FLAT" if shown.is_known_flat else f.UNKNOWN
        held = f.held(shown.position.quantity, shown.instrument) if shown.position is not None else flat
        parts.append(f"{shown.key.symbol} {held}")
    if shown.worth is not None and shown.quote is not None:
        parts.append(shown.worth.text.replace(" ▲", "").replace(" ▼", ""))
    return " · ".join([*parts, "Stanchion"])
