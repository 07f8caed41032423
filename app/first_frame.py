"""The first frame that shows what is open: read from the file and painted before anything heavy is imported.

Everything in it is as the running engine will show it a moment later, before a broker was heard: nothing is confirmed,
no entry is open. What the trader does meanwhile waits in the queue of the window system until the engine can answer.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from app.config import Options, StoredSettings
from app.main_window import MainWindow
from core.model.scope import account_to_show
from core.snapshot import ScopeStatus, Snapshot
from data.first_look import FirstLook, first_look
from data.preflight import DATABASE_NAME
from panels.terminal_view import TerminalView

STARTING = "Starting…"


def show_first_frame(app: QApplication, window: MainWindow, options: Options, stored: StoredSettings) -> None:
    """Paint what the database says is open; nothing happens where that cannot be had, and the shell stays."""
    look = first_look(options.data_dir / DATABASE_NAME)
    if look is None:
        return
    symbols = stored.last_symbols
    if options.symbol:
        symbols = dict.fromkeys({key.connection for key in (one.key for one in look.accounts)}, options.symbol)
    window.view = TerminalView(window.theme, is_complete=False, layouts=window.layouts)
    # Drawn before the style sheet is laid over it: then each part is styled once, as it will look.
    window.refresh(remembered(look, symbols, options.account), datetime.now(UTC), time.monotonic())
    window.show_terminal(window.view)
    app.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


def remembered(look: FirstLook, symbols: Mapping[str, str], preferred: str) -> Snapshot:
    """Return a first look as a window shows it: every position unverified, every entry refused.

    Args:
        symbols: the symbol shown last, by connection.
        preferred: name of the account to show; "" for the one that holds something.
    """
    positions = {position.key: position for position in look.positions}
    accounts = {account.key: account for account in look.accounts}
    return Snapshot(
        entry_block=MappingProxyType(dict.fromkeys({key.connection for key in accounts}, STARTING)),
        accounts=MappingProxyType(accounts),
        instruments=MappingProxyType(dict(look.instruments)),
        positions=MappingProxyType(positions),
        scopes=MappingProxyType({key: ScopeStatus(key, restored=True) for key in positions}),
        orders=MappingProxyType({order.client_order_id: order for order in look.orders}),
        selected_account=account_to_show(accounts, positions, preferred),
        selected_symbol=MappingProxyType(dict(symbols)),
    )
