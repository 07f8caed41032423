"""What is wanted of market depth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowDepth:
    """Have the depth of a symbol told while somebody looks at it; the newest word of a viewer replaces its last one.

    Attributes:
        viewer: who looks.
        symbol: empty when it looks no more.
    """

    viewer: str
    connection: str
    symbol: str
