"""The workspaces: where the panels are when the trader has not moved them yet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyle

from panels.deck import ACCOUNT, CHART, DOM, FILLS, LISTS, LOG, ORDERS, POSITION, POSITIONS, STATISTICS, WATCHLIST, Deck
from panels.layouts import COMPANION, REVIEW, TRADE
from panels.zoomed import px

WIDE = 1440
FIGURES_WIDTH = 504
HIGH = 850
ACCOUNT_WIDTH, ACCOUNT_NARROW, DOM_WIDTH = 320, 280, 300
EXIT_ROW = 50
LISTS_HEIGHT, BAR_HEIGHT, CHART_HEIGHT, POSITION_HEIGHT, WATCH_HEIGHT = 208, 34, 190, 356, 150
NARROW = 1240
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
BELOW = Qt.DockWidgetArea.BottomDockWidgetArea


def arrange(deck: Deck, name: str) -> None:
    """Put the panels where a workspace has them at first, in the window as it is."""
    with deck.arranging():
        {COMPANION: _companion, TRADE: _trade, REVIEW: _review}[name](deck)
    fit(deck, name)


def fit(deck: Deck, name: str) -> None:
    """Give the panels of an arrangement their sizes in the window as it is."""
    {COMPANION: _fit_companion, TRADE: _fit_trade, REVIEW: _fit_review}[name](deck)


def is_wide(deck: Deck) -> bool:
    """Return whether three panels fit side by side."""
    return deck.window().width() >= px(WIDE)


def needed(deck: Deck) -> int:
    """Return the least height of the live trade as it is now: it grows with what it has to ask."""
    return deck.docks[POSITION].minimumSizeHint().height()


def _between(deck: Deck) -> int:
    style = deck.style()
    assert style is not None
    return style.pixelMetric(QStyle.PixelMetric.PM_DockWidgetSeparatorExtent, None, deck)


def _companion(deck: Deck) -> None:
    """Put money, the live trade and the figures side by side; under 1440 the figures are a tab of the money."""
    if is_wide(deck):
        deck.put((ACCOUNT,), LEFT)
        deck.split(POSITION, ACCOUNT, ACROSS)
        deck.split(STATISTICS, POSITION, ACROSS)
    else:
        deck.put((POSITION,), LEFT)
        deck.put((ACCOUNT, STATISTICS), RIGHT)


def _fit_companion(deck: Deck) -> None:
    room = deck.width() - 2 * _between(deck)
    if is_wide(deck):
        deck.give(
            {ACCOUNT: px(ACCOUNT_WIDTH), POSITION: px(600), STATISTICS: room - px(ACCOUNT_WIDTH) - px(600)}, ACROSS
        )
    else:
        deck.give({POSITION: room - px(FIGURES_WIDTH), ACCOUNT: px(FIGURES_WIDTH)}, ACROSS)


def _trade(deck: Deck) -> None:
    """Put money over the watchlist, the chart over the live trade, the ladder beside them, and the lists below."""
    middle = CHART if CHART in deck.docks else POSITION
    deck.put((ACCOUNT,), LEFT)
    deck.split(middle, ACCOUNT, ACROSS)
    deck.split(DOM, middle, ACROSS)
    deck.split(WATCHLIST, ACCOUNT, DOWN)
    if middle is CHART:
        deck.split(POSITION, CHART, DOWN)
    deck.put(LISTS, BELOW)


def _fit_trade(deck: Deck) -> None:
    window, gap = deck.window(), _between(deck)
    side = px(ACCOUNT_WIDTH) if window.width() >= px(NARROW) else px(ACCOUNT_NARROW)
    ladder = px(DOM_WIDTH) + gap if DOM in deck.docks else 0
    deck.give({ACCOUNT: side, POSITION: deck.width() - side - gap - ladder, DOM: px(DOM_WIDTH)}, ACROSS)
    # The lists have what the chart and the live trade leave.
    # In a high window two rows of exits are to be seen at once.
    wanted = POSITION_HEIGHT + (EXIT_ROW if window.height() >= px(HIGH) else 0)
    position = max(px(wanted), needed(deck))
    spare = deck.height() - 2 * gap - position - px(CHART_HEIGHT)
    lists = max(px(BAR_HEIGHT), min(px(LISTS_HEIGHT), spare)) if window.height() >= px(HIGH) else px(BAR_HEIGHT)
    above = deck.height() - lists - gap
    deck.give({ACCOUNT: above, ORDERS: lists - px(BAR_HEIGHT) + 1}, DOWN)
    if CHART in deck.docks:
        deck.give({CHART: max(1, above - gap - position), POSITION: position}, DOWN)
    if WATCHLIST in deck.docks:
        deck.give({ACCOUNT: above - gap - px(WATCH_HEIGHT), WATCHLIST: px(WATCH_HEIGHT)}, DOWN)


def _review(deck: Deck) -> None:
    """Put the figures beside the chart, and everything that happened below."""
    deck.put((STATISTICS,), LEFT)
    deck.put((CHART, ACCOUNT), RIGHT)
    deck.put((FILLS, ORDERS, POSITIONS, LOG), BELOW)


def _fit_review(deck: Deck) -> None:
    room, height = deck.width() - _between(deck), deck.height() - _between(deck)
    deck.give({STATISTICS: room * 55 // 100, ACCOUNT: room * 45 // 100}, ACROSS)
    deck.give({STATISTICS: height - px(LISTS_HEIGHT), FILLS: px(LISTS_HEIGHT)}, DOWN)
