"""The strip that says what an entry with its exits is doing, until it is over. Words pure, strip thin."""

from datetime import datetime

from PySide6.QtWidgets import QFrame, QVBoxLayout

from core.model.entry import EntryOperation, EntryStep
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels.widgets.labels import TextLabel, name_value, set_property

WORDS = {
    EntryStep.PREPARING: "Preparing entry",
    EntryStep.ENTRY_PLACED: "Entry placed",
    EntryStep.STOP_PENDING: "Stop pending",
    EntryStep.ROLLING_BACK: "Rolling back",
}
TONES = {EntryStep.STOP_PENDING: "caution", EntryStep.ROLLING_BACK: "danger"}
_LOUDEST = ("danger", "caution", "")
# More than these of one scope are counted, not listed.
LISTED = 2


def entry_tone(operation: EntryOperation) -> str:
    """Return how loud an entry is."""
    return "danger" if operation.doubt else TONES.get(operation.step, "")


def entry_line(operation: EntryOperation, now: datetime) -> str:
    """Return where an entry stands: "Stop pending 1.2 s", its sentence, and what is in doubt."""
    elapsed = max(0.0, (now - operation.step_since).total_seconds())
    time = f"{elapsed:.1f} s" if elapsed < 60 else f.duration(elapsed)
    doubt = operation.doubt[:1].upper() + operation.doubt[1:]
    return "  ".join(part for part in (f"{WORDS[operation.step]} {time}", operation.text, doubt) if part)


def under_way(snapshot: Snapshot, key: PositionKey | None) -> list[EntryOperation]:
    """Return the entries of a scope that are not over, the loudest first and then the latest."""
    found = [one for one in snapshot.entries.values() if one.key == key and not one.is_over]
    found.sort(key=lambda one: one.started_at, reverse=True)
    return sorted(found, key=lambda one: _LOUDEST.index(entry_tone(one)))


class EntryStrip(QFrame):
    """The entries of the scope on show that are under way; not there when none is."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("entryState")
        self.setProperty("kind", "notice")
        self._text = TextLabel("entryText")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self._text)
        self.hide()

    def refresh(self, snapshot: Snapshot, key: PositionKey | None, now: datetime) -> None:
        """Show what is under way."""
        found = under_way(snapshot, key)
        self.setVisible(bool(found))
        if not found:
            return
        lines = [entry_line(one, now) for one in found[:LISTED]]
        if len(found) > LISTED:
            lines.append(f"and {len(found) - LISTED} more")
        text = "\n".join(lines)
        set_property(self, "tone", entry_tone(found[0]))
        self._text.say(text)
        name_value(self, "Entry", text)
