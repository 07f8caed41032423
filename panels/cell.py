"""What one cell of a figures grid says, as text."""

from dataclasses import dataclass

from panels.formatting import UNKNOWN


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid.

    Attributes:
        edge: "" or the tone of a border that asks for attention.
        spoken: what a screen reader says; empty when the text speaks for itself.
        shorter: the second line in less words, for where there is not the room.
        tip: how the figure comes about, in lines; empty when there is nothing to add.
    """

    value: str = UNKNOWN
    sub: str = ""
    tone: str = "ink1"
    edge: str = ""
    spoken: str = ""
    tip: str = ""
    shorter: tuple[str, ...] = ()
