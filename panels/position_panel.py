"""Panel 2, the live trade: what is open in the scope on show, how sure that is, and the way out of it."""

from datetime import datetime, tzinfo
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout

from core.model.operation import CloseOperation
from core.preferences import Preferences
from core.snapshot import Certainty, Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.close_strip import CloseStrip
from panels.desk_details import desk_details
from panels.each import each
from panels.emergency_card import EmergencyCard, card_wanted
from panels.entry_strip import EntryStrip
from panels.feed_watch import FeedWatch
from panels.position_pages import LivePage
from panels.position_parts import PositionParts
from panels.reverse_button import ReverseButton
from panels.shown import Shown, shown_in
from panels.stop_moves import StopMoves
from panels.theme import Theme
from panels.widgets.controls import button, explain, on_press
from panels.widgets.header import PanelHeader
from panels.widgets.labels import Chip, ValueLabel
from panels.widgets.wordings import Wordings

CERTAINTY_TONES = {
    Certainty.CONFIRMED: "ok",
    Certainty.PENDING: "caution",
    Certainty.FILLS_ONLY: "caution",
    Certainty.MISMATCH: "danger",
    Certainty.STALE: "danger",
    Certainty.UNVERIFIED: "caution",
}
CERTAINTY_WORDS = {
    Certainty.CONFIRMED: "The broker's explicit report equals our fills.",
    Certainty.PENDING: "An order is in flight.",
    Certainty.FILLS_ONLY: "The quantity comes from fills: the broker's report does not name this symbol.",
    Certainty.MISMATCH: "The broker's report differs from our fills.",
    Certainty.STALE: "The line to the broker is not up.",
    Certainty.UNVERIFIED: "The broker has not confirmed this position yet.",
}
CLOSE_ASKS = "The close waits for your answer: choose one above. A further press here does nothing."
UNSAVED_WORDS = "A fill of it is not in the database yet; see the banner."


def close_words(operation: CloseOperation | None, quantity: str, now: datetime) -> tuple[str, bool]:
    """Return the Close button's text and whether pressing it does anything."""
    if operation is not None and operation.blocks_close:
        elapsed = max(0.0, (now - operation.started_at).total_seconds())
        return (f"Closing… {elapsed:.1f} s" if elapsed < 60 else f"Closing… {f.duration(elapsed)}"), False
    return f"Close {quantity}".rstrip(), True


def certainty_tone(shown: Shown) -> str:
    """Return how loud the certainty on show is; a scope that is flat by fills has nothing to warn of."""
    if shown.position is None and shown.certainty is Certainty.FILLS_ONLY:
        return "danger" if shown.unsaved else ""
    return "danger" if shown.unsaved else CERTAINTY_TONES[shown.certainty]


class PositionPanel(QFrame):
    """The scope on show.

    Attributes:
        header: what names the scope; a dock may have it as its title bar.

    Signals:
        intent: ClosePosition, ReversePosition, ReducePosition, TrailStop, MoveExit, StopToBreakeven, ChangeOrder,
            AnswerClose, ReconnectNow, AskBroker.
    """

    intent = Signal(object)

    def __init__(
        self, theme: Theme, ids: ActionIds, feed: FeedWatch, zone: tzinfo | None = None, is_complete: bool = True
    ):
        """Make the panel; where `is_complete` is False, without what it does not show while something is open."""
        super().__init__()
        self.setObjectName("panel2")
        self.setProperty("kind", "panel")
        self.setAccessibleName("Live trade")
        self._theme, self._ids, self._feed, self._zone = theme, ids, feed, zone
        self._shown: Shown | None = None
        self.symbol = ValueLabel("p2Symbol", "Symbol", "value", number=False, bold=True)
        self.side = ValueLabel("p2Side", "Side and quantity", "value", bold=True)
        self.account = Chip("p2Account", "Account and mode")
        self.certainty = Chip("p2Certainty", "Certainty of position")
        self.strip = CloseStrip()
        self.entry = EntryStrip()
        self.card = EmergencyCard()
        self.live = LivePage(theme, ids, zone)
        self.close_button = button("p2Close", "Close", "Close position", "close")
        self.ask_button = button("p2Ask", "Ask broker", "Ask the broker for this position again")
        self.reverse = ReverseButton(theme, ids)
        self.moves = StopMoves(theme, ids)
        self.parts = PositionParts(ids)
        self.hint = Wordings("p2Hint", "Close", number=False, may_vanish=True)
        self.strip.intent.connect(self.intent)
        self.reverse.intent.connect(self.intent)
        self.moves.intent.connect(self.intent)
        self.parts.intent.connect(self.intent)
        self.live.exits.intent.connect(self.intent)
        self.card.intent.connect(self.intent)
        on_press(self.close_button, lambda: self._shown and self._shown.key, self.press_close)
        self.ask_button.clicked.connect(self._ask)
        self._is_complete = False
        self._lay_out()
        if is_complete:
            self.complete()

    def complete(self) -> None:
        """Make the face of a flat scope; nothing happens the second time."""
        if self._is_complete:
            return
        from panels.flat_page import FlatPage
        from panels.wishes import PointAt

        self._is_complete = True
        self.flat = FlatPage(self._theme, self._zone)
        self.flat.new_ticket.clicked.connect(lambda: self.intent.emit(PointAt("qtyBox")))
        self.pages.addWidget(self.flat)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw the scope on show."""
        self._shown = shown = shown_in(snapshot)
        each(  # Close is there whatever else could not be drawn
            partial(self._buttons, shown, now_utc),
            partial(self._header, shown),
            # A question goes on where the exits are not shown.
            partial(self.live.exits.follow, snapshot, now_utc, monotonic_s),
            partial(self.entry.refresh, snapshot, shown.key, now_utc),
            partial(self._page, snapshot, shown, now_utc, monotonic_s),
            partial(self.reverse.refresh, snapshot, shown, monotonic_s),
            partial(self.moves.refresh, snapshot, shown, now_utc, monotonic_s),
            partial(self.parts.refresh, snapshot, shown),
        )

    @property
    def figures(self) -> QStackedWidget:
        """What is covered where it could not be drawn; the way out under it does not rest on it."""
        return self.pages

    def _page(self, snapshot: Snapshot, shown: Shown, now_utc: datetime, monotonic_s: float) -> None:
        showing_card = card_wanted(shown)
        strip = None if showing_card else shown.operation
        self.strip.refresh(strip, now_utc, shown.position, shown.instrument, desk_details(snapshot, shown))
        if showing_card:
            self.pages.setCurrentWidget(self.card)
            self.card.refresh(snapshot, shown, now_utc)
        elif shown.position is not None:
            self.pages.setCurrentWidget(self.live)
            self.live.refresh(snapshot, shown, self._feed.judge(shown, now_utc), now_utc, monotonic_s)
        else:
            self.complete()
            self.pages.setCurrentWidget(self.flat)
            self.flat.refresh(snapshot, shown, now_utc)

    def set_preferences(self, preferences: Preferences) -> None:
        """Mark the open profit or loss, and warn of heat, as the trader wants it."""
        self.live.preferences = preferences

    def focus_first(self) -> None:
        """Put the keyboard on the way out of the position, or on what asks for an answer."""
        if self.strip.isVisible() and self.strip.has_answers:
            self.strip.focus_first()
        elif self.close_button.isVisible() and self.close_button.isEnabled():
            self.close_button.setFocus()
        elif self.flat.trades.view.isVisible():
            self.flat.trades.view.setFocus()

    def press_close(self) -> None:
        """Ask for the scope on show to be closed: the button, and its key."""
        if self._shown is None or self._shown.key is None or not self.close_button.isEnabled():
            return
        if not self._closable(self._shown):
            return
        from core.commands import ClosePosition

        key = self._shown.key
        self.intent.emit(ClosePosition(self._ids.press(f"close {key}"), key))

    def _header(self, shown: Shown) -> None:
        try:
            self._name_scope(shown)
        except Exception:
            self.side.show_value(f.UNKNOWN, "ink2", "unknown")
            raise

    def _name_scope(self, shown: Shown) -> None:
        self.symbol.show_value(shown.key.symbol if shown.key is not None else f.UNKNOWN)
        if shown.position is not None:
            held = f.held(shown.position.quantity, shown.instrument)
            arrow = f.UP_ARROW if shown.position.quantity > 0 else f.DOWN_ARROW
            self.side.show_value(f"{held} {arrow}", "up" if shown.position.quantity > 0 else "down", held)
        else:
            known = shown.is_known_flat and shown.link_alive
            self.side.show_value("FLAT" if known else f.UNKNOWN, "ink2", "flat" if known else "unknown")
        name = shown.account_key.account if shown.account_key is not None else ""
        self.account.setVisible(bool(name))
        self.account.show_value(f"{name} · {shown.mode_word}", "")
        self.certainty.setVisible(shown.key is not None)
        self.certainty.show_value(shown.certainty_word, certainty_tone(shown))
        explain(self.certainty, f"{CERTAINTY_WORDS[shown.certainty]} {UNSAVED_WORDS if shown.unsaved else ''}".rstrip())

    def _buttons(self, shown: Shown, now: datetime) -> None:
        closable = self._closable(shown)
        quantity = f.quantity(abs(shown.position.quantity), shown.instrument) if shown.position is not None else ""
        text, ready = close_words(shown.operation, quantity, now)
        busy = not ready
        self.close_button.setVisible(closable or busy)
        self.ask_button.setVisible(shown.key is not None and shown.link_alive and not _is_sure(shown))
        self.hint.setVisible(self.close_button.isVisibleTo(self))
        if self.close_button.text() != text:
            self.close_button.setText(text)
        self.close_button.setEnabled(ready)
        if shown.key is None:
            return
        held = (
            f.held(shown.position.quantity, shown.instrument).lower()
            if shown.position is not None
            else "no position here"
        )
        name = f"{text}, {shown.key.symbol}, {held}, account {shown.key.account}, {shown.mode_word}"
        if self.close_button.accessibleName() != name:
            self.close_button.setAccessibleName(name)
        explain(self.close_button, self._close_description(shown, busy))
        self.hint.show_wordings([self._close_description(shown, busy)], "ink2")

    def _close_description(self, shown: Shown, busy: bool) -> str:
        if busy:
            asks = shown.operation is not None and shown.operation.choices
            return CLOSE_ASKS if asks else "A close is running; a further press does nothing."
        if not shown.link_alive:
            return "The line is down: Close shows the emergency card and sends nothing."
        return "Cancels the working orders of this symbol, then closes at the market. Ctrl+Shift+X"

    def _closable(self, shown: Shown) -> bool:
        return shown.position is not None or bool(shown.status is not None and shown.status.broker_quantity)

    def _ask(self) -> None:
        if self._shown is not None and self._shown.key is not None:
            from core.commands import AskBroker

            self.intent.emit(AskBroker(self._shown.key.connection))

    def _lay_out(self) -> None:
        self.header = PanelHeader(28)
        row = self.header.row
        row.addWidget(self.symbol)
        row.addWidget(self.side)
        row.addStretch(1)
        row.addWidget(self.account)
        row.addWidget(self.certainty)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.live)
        self.pages.addWidget(self.card)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 1, 10, 1)
        foot.setSpacing(8)
        foot.addWidget(self.close_button)
        foot.addWidget(self.reverse)
        foot.addWidget(self.moves)
        foot.addWidget(self.parts)
        foot.addWidget(self.ask_button)
        foot.addWidget(self.hint, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.strip)
        layout.addWidget(self.entry)
        layout.addWidget(self.pages, 1)
        layout.addLayout(foot)


def _is_sure(shown: Shown) -> bool:
    return shown.certainty in (Certainty.CONFIRMED, Certainty.PENDING, Certainty.FILLS_ONLY)
