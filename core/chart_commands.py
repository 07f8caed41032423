"""What is wanted of charts: show bars, hide them, load more of them."""

from dataclasses import dataclass

from core.model.bar import ChartKey


@dataclass(frozen=True, slots=True)
class ShowChart:
    """Count and publish the bars of a chart; showing one that is shown changes nothing.

    Attributes:
        viewer: who shows it; the bars are kept as long as anybody does.
    """

    key: ChartKey
    viewer: str = "chart"


@dataclass(frozen=True, slots=True)
class HideChart:
    """The bars are not needed any more by this viewer."""

    key: ChartKey
    viewer: str = "chart"


@dataclass(frozen=True, slots=True)
class LoadOlder:
    """Load bars older than the oldest; nothing happens while some are on their way, or when there are none."""

    key: ChartKey


@dataclass(frozen=True, slots=True)
class RetryHistory:
    """Ask again for the history that could not be had."""

    key: ChartKey
