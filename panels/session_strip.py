"""The day of the symbol on show: whether it trades now, and the figures of its session. Words pure, strip thin."""

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from core.model.market import FeedState, Quote, SessionFigures, TradingStatus
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import Shown
from panels.widgets.controls import explain
from panels.widgets.labels import Chip
from panels.widgets.wordings import Wordings

_MEANINGS = {
    TradingStatus.HALTED: "The venue has halted trading in this symbol. Orders wait or are refused; exits too.",
    TradingStatus.CLOSED: "The market is closed. Orders wait for the next session or are refused.",
    TradingStatus.PRE_OPEN: "The market takes orders and does not match them yet.",
}


def market_state(quote: Quote | None) -> tuple[str, str, str]:
    """Return the word for a market that does not trade, its tone and what it means; nothing in normal trading."""
    if quote is None or not quote.text:
        return "", "", ""
    if quote.feed is FeedState.DOWN:
        return quote.text, "danger", "The venue says that it receives no market data itself. Prices are from before."
    tone = "caution" if quote.trading is TradingStatus.PRE_OPEN else "danger"
    return quote.text, tone, _MEANINGS[quote.trading]


def session_words(figures: SessionFigures | None, shown: Shown) -> str:
    """Return high, low, settlement with the change since, and volume; parts the venue did not state are left out."""
    if figures is None:
        return ""
    parts = []
    for name, value in (("H", figures.high), ("L", figures.low), ("Settle", figures.settlement)):
        if value is not None:
            parts.append(f"{name} {f.price(value, shown.instrument)}")
    last = shown.quote.last if shown.quote is not None else None
    if figures.settlement is not None and last is not None and figures.settlement > 0:
        parts.append(f.signed_percent(last / figures.settlement - 1))
    if figures.volume is not None:
        parts.append(f"Vol {f.volume(figures.volume)}")
    return "  ".join(parts)


def session_details(figures: SessionFigures | None, shown: Shown) -> str:
    """Return everything the venue stated of the session, a line each."""
    if figures is None:
        return ""
    lines = [("Session", figures.day.isoformat() if figures.day is not None else f.UNKNOWN)]
    lines += [
        (name, f.price(value, shown.instrument))
        for name, value in (
            ("Open", figures.open),
            ("High", figures.high),
            ("Low", figures.low),
            ("Settlement", figures.settlement),
        )
    ]
    lines.append(("Volume", f.volume(figures.volume)))
    counts = (("Trades", figures.trades), ("Open interest", figures.open_interest))
    lines += [(name, f.volume(None if count is None else Decimal(count))) for name, count in counts]
    return "\n".join(f"{name} {value}" for name, value in lines)


class SessionStrip(QWidget):
    """A chip that is there only when something keeps the symbol from trading, and one line of figures."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sessionStrip")
        self.state = Chip("marketState", "Market")
        self.figures = Wordings("sessionFigures", "Session", may_vanish=True)
        self.figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.state)
        layout.addWidget(self.figures, 1)

    def refresh(self, snapshot: Snapshot, shown: Shown) -> None:
        """Show the symbol's market as it is now; the figures only where they fit."""
        word, tone, meaning = market_state(shown.quote)
        self.state.setVisible(bool(word))
        self.state.show_value(word, tone)
        explain(self.state, meaning)
        figures = None
        if shown.key is not None:
            figures = snapshot.session_figures.get((shown.key.connection, shown.key.symbol))
        self.figures.show_wordings([session_words(figures, shown)], "ink3")
        self.figures.explain_more(session_details(figures, shown))
