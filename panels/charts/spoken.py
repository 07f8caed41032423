"""A chart in words for those who do not see it: last price, position, stop, and which keys move the stop. Pure."""

from panels import formatting as f
from panels.charts.scene import Scene
from panels.charts.trade_lines import LineKind
from panels.shown import Shown

KEYS = "Arrow keys pan, plus and minus zoom. Ctrl+Shift+Up and Ctrl+Shift+Down move the stop by a tick."


def spoken(scene: Scene, shown: Shown) -> str:
    """Return the description of a chart."""
    instrument, position = shown.instrument, shown.position
    stale = ", out of date" if scene.is_stale else ""
    parts = [f"Last {'unknown' if scene.last is None else f.price(scene.last, instrument)}{stale}."]
    if position is None:
        parts.append("Flat." if shown.is_known_flat else "Position unknown.")
    else:
        currency = "" if instrument is None else instrument.currency
        result = "unknown" if shown.worth is None else shown.worth.spoken(currency)
        held = f.held(position.quantity, instrument).lower()
        entry = f.average(position.entry_price, instrument)
        parts.append(f"Position {held} from {entry}, {result}.")
        stops = [line for line in scene.lines if line.kind is LineKind.STOP and not line.dashed]
        parts.append(f"Stop {f.price(stops[0].price, instrument)}." if stops else "No working stop.")
    return " ".join([*parts, KEYS])
