"""Whether a newer snapshot would look any different. Pure."""

from dataclasses import fields

from core.snapshot import Snapshot

# Market data by (connection, symbol): most of it is of symbols nobody looks at.
MARKET = ("quotes", "session_figures", "studies")
# What else moves with the market; only what is shown of it is in a snapshot.
_FOLLOWED = ("depths", "volumes", "charts")
_STEADY = tuple(field.name for field in fields(Snapshot) if field.name not in (*MARKET, *_FOLLOWED, "version"))
_OTHERS = tuple(field.name for field in fields(Snapshot) if field.name not in (*MARKET, "version"))


def looks_changed(before: Snapshot, after: Snapshot) -> bool:
    """Say whether anything differs but the market of symbols that are neither on show nor held.

    Parts of a snapshot that did not change are shared with the one before, so that identity is enough.
    """
    if before is after:
        return False
    if any(getattr(before, name) is not getattr(after, name) for name in _OTHERS):
        return True
    seen = {(key.connection, key.symbol) for key in after.positions}
    seen.update(after.selected_symbol.items())
    return any(
        getattr(before, name).get(place) is not getattr(after, name).get(place) for name in MARKET for place in seen
    )


def is_market_only(before: Snapshot, after: Snapshot) -> bool:
    """Say whether nothing differs but prices, books and bars."""
    return all(getattr(before, name) is getattr(after, name) for name in _STEADY)
