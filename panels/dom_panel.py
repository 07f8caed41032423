"""The DOM: the ladder of the symbol on show, what a click would send, and the position under it.

It asks for the depth of the symbol while it is visible. What a hand does in it is the business of `DomDeeds`; what it
draws is the only state of its own.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.depth_commands import FollowDepth
from core.model.order import OrderType
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.dom_deeds import DomDeeds, Ticket
from panels.dom_figures import foot_of
from panels.dom_foot import DomFoot
from panels.dom_ladder import LadderBuilder
from panels.dom_model import DomModel
from panels.dom_orders import KINDS
from panels.dom_rows import HALF, Axis, Marks, axis_around
from panels.dom_state import State, state_of
from panels.dom_view import DomView
from panels.feed_watch import FeedWatch
from panels.shown import Shown, shown_in
from panels.theme import Theme
from panels.widgets.controls import on_press
from panels.widgets.wordings import Wordings
from panels.zoomed import px

VIEWER = "dom"
SAID_S = 4.0
STOP = KINDS[OrderType.STOP]
Place = tuple[str, str]


class DomPanel(QFrame):
    """The ladder between a line that says how the book is and the position.

    Signals:
        intent: FollowDepth, SubmitOrder, OpenWithBracket, SetOneClick, ChangeOrder, CancelOrder, ClosePosition,
            AddAlert.
    """

    intent = Signal(object)

    def __init__(
        self,
        theme: Theme,
        ids: ActionIds,
        feed: FeedWatch,
        ticket: Ticket,
        monotonic: Callable[[], float],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("dom")
        self.setProperty("kind", "panel")
        self._feed, self._zone = feed, zone
        self._monotonic = monotonic
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._followed: Place | None = None
        self._scope: PositionKey | None = None
        self._begun: tuple[Place, Decimal | None] | None = None
        self._builder = LadderBuilder()
        self._foot_of: tuple[object, ...] = ()
        self._foot = foot_of(self._snapshot, self._shown)
        self._said, self._said_until_s = "", 0.0
        self._written: dict[Wordings, tuple[list[str], str]] = {}
        self.model = DomModel()
        self.view = DomView(self.model, theme, monotonic)
        self.state = Wordings("domState", "Depth", number=False)
        self.keys = Wordings("domKeys", "What Enter would send", number=False)
        self.reason = Wordings("domReason", "What speaks against it", number=False)
        self.foot = DomFoot()
        self.deeds = DomDeeds(theme, ids, ticket, self.view, self)
        self._connect()
        self._lay_out()
        self.setFocusProxy(self.view)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme; the ladder is told by itself."""
        self.deeds.set_theme(theme)

    def sizeHint(self) -> QSize:
        """Ask for some twenty rows."""
        return QSize(px(300), px(640))

    def focus_first(self) -> None:
        """Put the keyboard on the ladder."""
        self.view.setFocus()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw the symbol on show; nothing, and no depth asked for, while nobody can see it."""
        self.deeds.refresh(snapshot, now_utc, monotonic_s)
        if not self.isVisible():
            self._follow(None)
            return
        self._snapshot, self._shown = snapshot, shown_in(snapshot)
        shown = self._shown
        self._follow(shown)
        state = state_of(snapshot, shown, self._feed.judge(shown, now_utc), self._zone)
        self._draw_foot(snapshot, shown, now_utc)
        self.view.keep_still()
        self._stand(shown)
        self._draw_rows(snapshot, shown)
        self._grey(state.is_stale)
        self._say_state(state)
        self.deeds.know(snapshot, shown, state.is_stale)
        self.view.look_again()
        self._say_hover()

    def recentre(self) -> None:
        """Put the last price in the middle."""
        price = self._centre_price(self._shown)
        if price is None or self.model.axis is None:
            return
        row = self.model.axis.row(price)
        if row is None or self.model.axis.is_near_an_end(row):
            self._begin(price)
        else:
            self.view.centre(row)

    # -- rows -------------------------------------------------------------------------------------------------------

    def _follow(self, shown: Shown | None) -> None:
        key = None if shown is None else shown.key
        place = None if key is None else (key.connection, key.symbol)
        if place != self._followed:
            self._followed = place
            self.intent.emit(FollowDepth(VIEWER, *(place or ("", ""))))

    def _stand(self, shown: Shown) -> None:
        """Make the rows of another symbol, or of one whose price has become known; keep them otherwise."""
        price, key = self._centre_price(shown), shown.key
        if key != self._scope:
            self._scope = key
            self.view.deafen()  # the same rows, and a click in them would be another account's order
        tick = None if shown.instrument is None else shown.instrument.tick_size
        if key is None or tick is None or price is None:
            wanted = None
        else:
            wanted = ((key.connection, key.symbol), tick)
        if wanted != self._begun:
            self._begun = wanted
            self._begin(price if wanted is not None else None)
        elif self.model.axis is not None and not self.view.is_held:
            self._go_on(self.model.axis, self.view.middle_row)

    def _go_on(self, axis: Axis, middle: int) -> None:
        """Have more rows where somebody has scrolled near to the end of them; what is on show stays where it is."""
        if axis.is_near_an_end(middle):
            further = axis_around(axis.price(middle), axis.tick)
            self._builder.begin()
            self.view.keep_place(HALF - middle, lambda: self.model.begin(further, self.model.instrument))

    def _begin(self, price: Decimal | None) -> None:
        self._builder.begin()
        instrument = self._shown.instrument
        if price is None or instrument is None or instrument.tick_size is None:
            self.model.begin(None, None)
            self.view.deafen()
            return
        axis = axis_around(price, instrument.tick_size)
        self.model.begin(axis, instrument)
        self.view.share_width()
        row = axis.row(price)
        assert row is not None
        self.view.centre(row)

    def _centre_price(self, shown: Shown) -> Decimal | None:
        """Return the price the ladder opens at: the last trade, or else the best there is; None unknown."""
        quote, position, key = shown.quote, shown.position, shown.key
        known = [] if quote is None else [quote.last, quote.bid, quote.ask]
        depth = None if key is None else self._snapshot.depths.get((key.connection, key.symbol))
        if depth is not None:
            known += [side[0][0] for side in (depth.bids, depth.asks) if side]
        if position is not None:
            known.append(position.entry_price)
        return next((one for one in known if one is not None), None)

    def _draw_rows(self, snapshot: Snapshot, shown: Shown) -> None:
        axis = self.model.axis
        if axis is None or shown.key is None:
            return
        last = None if shown.quote is None else shown.quote.last
        average = None if shown.position is None else shown.position.entry_price
        marks = Marks(axis.row(last), axis.row(average), axis.row(self._foot.even))
        self.model.take(self._builder.build(axis, snapshot, shown.key, marks, self.model.ladder))

    # -- words ------------------------------------------------------------------------------------------------------

    def _draw_foot(self, snapshot: Snapshot, shown: Shown, now: datetime) -> None:
        ledger = snapshot.ledger.get(shown.account_key) if shown.account_key is not None else None
        at, mark = shown.marked_at, shown.mark
        seen = (shown.position, shown.status, shown.instrument, ledger, at, mark, shown.link, shown.account)
        if len(seen) != len(self._foot_of) or any(a is not b for a, b in zip(seen, self._foot_of, strict=True)):
            self._foot_of, self._foot = seen, foot_of(snapshot, shown)
            self.foot.show_figures(self._foot, shown)
        self.foot.show_close(shown, now)

    def _grey(self, is_stale: bool) -> None:
        if self.view.is_stale != is_stale:
            self.view.is_stale = is_stale
            self.view.viewport().update()

    def _say_state(self, state: State) -> None:
        wordings, tone = [state.text], state.tone
        if not state.text and (way := self._way_to_last()):
            last = f.price(None if self._shown.quote is None else self._shown.quote.last, self._shown.instrument)
            wordings, tone = [f"Last {last} is {way}: Space centres.", f"Last is {way}."], "ink2"
        self._write(self.state, wordings, tone)
        symbol = self._shown.key.symbol if self._shown.key is not None else "no symbol"
        name = f"DOM ladder, {symbol}"
        if self.view.accessibleName() != name:
            self.view.setAccessibleName(name)
        if self.view.accessibleDescription() != wordings[0]:
            self.view.setAccessibleDescription(wordings[0])

    def _write(self, line: Wordings, wordings: list[str], tone: str) -> None:
        """Have a line say something else: to find that it says it already costs it more than to say it."""
        if self._written.get(line) != (wordings, tone):
            self._written[line] = (wordings, tone)
            line.show_wordings(wordings, tone)

    def _way_to_last(self) -> str:
        """Return where the last price is when it is out of view; empty when it can be seen."""
        axis, last = self.model.axis, None if self._shown.quote is None else self._shown.quote.last
        if axis is None or last is None:
            return ""
        row = axis.row(last)
        if row is not None and self.view.is_in_view(row):
            return ""
        return "above" if last > axis.price(self.view.middle_row) else "below"

    def _say_hover(self) -> None:
        """Say what Enter would do where a click would not do the same, and what speaks against what the hand is at.

        What a click would do stands at the pointer.
        """
        hover, keyed = self.view.hover, self.view.keyed
        is_same = hover is not None and keyed is not None and hover.words == keyed.words
        words = "" if keyed is None or is_same or not keyed.words else keyed.words
        key = "Shift+Enter" if words.startswith(STOP) else "Enter"
        self._write(self.keys, [f"{key}: {words}" if words else ""], "ink1")
        at = hover or keyed
        reason = "" if at is None else at.refused or at.note
        if self._monotonic() < self._said_until_s:
            reason = self._said
        refused = at is not None and bool(at.refused)
        tone = "caution" if refused or reason is self._said else "ink2"
        self._write(self.reason, [reason, _in_short(reason)], tone)

    def _refuse(self, text: str) -> None:
        """Say why nothing was sent; it stays for a moment."""
        self._said, self._said_until_s = text, self._monotonic() + SAID_S
        self._say_hover()

    def _connect(self) -> None:
        self.view.recentre_wanted.connect(self.recentre)
        self.view.pointed.connect(self._say_hover)
        self.deeds.refused.connect(self._refuse)
        self.deeds.intent.connect(self.intent)
        on_press(self.foot.close_button, lambda: self._shown.key, self.deeds.close)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(_line(self.state))
        layout.addWidget(self.view, 1)
        layout.addLayout(_line(self.keys))
        layout.addLayout(_line(self.reason))
        layout.addWidget(self.foot)
        self.setMinimumWidth(220)


def _line(label: QWidget) -> QHBoxLayout:
    """Return a line that is there, and as high, whether or not it says something: no row may move for a word."""
    line = QHBoxLayout()
    line.setContentsMargins(8, 2, 8, 2)
    line.addWidget(label)
    return line


def _in_short(reason: str) -> str:
    """Return the beginning of a reason, where there is not the room for all of it."""
    verb, colon, rest = reason.partition(": ")
    if not colon:
        return reason
    begins = rest.partition(": ")[0] if verb.startswith("Not ") else ""
    return f"{verb}: {begins.rstrip('.')}." if begins else f"{verb}."
