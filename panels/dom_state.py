"""How the book of the symbol on show is, in a line over the ladder. Pure."""

from dataclasses import dataclass
from datetime import tzinfo

from core.model.depth import Depth
from core.snapshot import Snapshot
from panels import formatting as f
from panels.feed_watch import Feed, Freshness
from panels.shown import LINK_WORDS, Shown

NO_DEPTH = "No depth for this symbol."
SUBSCRIBING = "Subscribing…"


@dataclass(frozen=True, slots=True)
class State:
    """What to know before reading the ladder.

    Attributes:
        text: empty when all is well.
        is_stale: the figures are history; no entry is sent on them.
    """

    text: str = ""
    tone: str = "ink2"
    is_stale: bool = False


def state_of(snapshot: Snapshot, shown: Shown, feed: Feed, zone: tzinfo | None = None) -> State:
    """Return how the book on show is."""
    if shown.key is None:
        return State("Choose a symbol.")
    if shown.instrument is None or shown.instrument.tick_size is None:
        known = shown.instrument.description if shown.instrument is not None else ""
        return State(known or f"Waiting for the definition of {shown.key.symbol}…")
    depth = snapshot.depths.get((shown.key.connection, shown.key.symbol))
    if not shown.link_alive:
        return _history(f"Data stale: {LINK_WORDS[shown.link]}", shown, zone)
    if _is_old(depth, shown, feed):
        words = shown.quote.text if shown.quote is not None else ""
        return _history(words or "Data stale", shown, zone)
    if depth is None:
        return State(SUBSCRIBING)
    if depth.refused:
        return State(f"Depth refused: {depth.refused}.", "caution")
    if not depth.is_served or (depth.complete and depth.is_empty):
        return State(NO_DEPTH)
    if not depth.complete:
        return State(SUBSCRIBING)
    if depth.is_crossed:
        return State("Crossed book: shown as received, part of it is missing.", "caution")
    words = shown.quote.text if shown.quote is not None else ""
    return State(words, "caution" if words else "ink2")


def _is_old(depth: Depth | None, shown: Shown, feed: Feed) -> bool:
    if shown.quote is not None and shown.quote.stale:
        return True
    return feed.freshness is Freshness.SILENT or (depth is not None and depth.stale)


def _history(words: str, shown: Shown, zone: tzinfo | None) -> State:
    received = None if shown.quote is None else shown.quote.received_at
    as_of = f", as of {f.zoned(received, zone)}" if received is not None else ""
    return State(f"{words}{as_of}", "danger", True)
