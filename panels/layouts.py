"""The workspaces, and what the trader made of each, as values; the files are app's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

COMPANION, TRADE, REVIEW = "companion", "trade", "review"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One of them.

    Attributes:
        title: as the trader reads it.
        minimum, size: width and height of the window, logical pixels.
    """

    title: str
    minimum: tuple[int, int]
    size: tuple[int, int]


WORKSPACES: dict[str, Workspace] = {
    COMPANION: Workspace("Companion", (1200, 560), (1440, 560)),
    TRADE: Workspace("Trade", (1200, 720), (1440, 900)),
    REVIEW: Workspace("Review", (1200, 720), (1440, 900)),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What the trader made of a workspace.

    Attributes:
        docks: as the deck gave it; empty while the trader moved nothing.
        window: left, top, width and height on the desktop; None leaves it where it is.
    """

    docks: bytes
    window: tuple[int, int, int, int] | None = None
    maximized: bool = False


@dataclass(frozen=True, slots=True)
class Layouts:
    """Every workspace.

    Attributes:
        current: the one that is open.
    """

    current: str = TRADE
    kept: Mapping[str, Layout] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, name: str, layout: Layout) -> Layouts:
        """Return a copy with one layout set."""
        return replace(self, kept=MappingProxyType({**self.kept, name: layout}))
