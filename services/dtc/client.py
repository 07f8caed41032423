"""The line to a DTC server, as the services see it: a Broker whose calls return at once.

What the calling threads want is put into a handover and the network thread is woken; what that thread learns is posted
to the trading thread or left on the market board.
"""

from collections.abc import Callable
from datetime import datetime
from random import Random
from threading import Thread

from core.clock import Clock
from core.history import HistoryWanted
from core.messages import Message
from core.model.bracket import Offsets
from core.model.order import Order
from core.model.order_change import Terms
from core.model.scope import AccountKey
from core.ports import Checkpoint, passing
from services.dtc.address import ConnectionSettings
from services.dtc.backoff import Backoff
from services.dtc.conversation import Conversation, MarketBoard
from services.dtc.handover import Handed, Handover
from services.dtc.history_client import HistoryClient, place_of
from services.dtc.network_thread import NetworkThread
from services.dtc.session_settings import SessionSettings
from services.dtc.waker import Waker

HEARTBEAT_S = 10
PRICED_WITHIN_S = 10.0  # how long a question for history waits for the line and the price scale
LOOK_S = 0.25  # how long the thread sleeps at most before it looks at the time


class DtcClient:
    """A Broker over DTC. Any thread may call its methods; they never wait.

    Attributes:
        thread: the network thread, for the supervisor to watch. history: has a thread of its own.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        password: str,
        post: Callable[[Message], None],
        board: MarketBoard,
        clock: Clock,
        reached: Checkpoint = passing,
        rng: Random | None = None,
        *,
        heartbeat_s: int = HEARTBEAT_S,
        look_s: float = LOOK_S,
    ) -> None:
        self.history = HistoryClient(settings.slug, password, post, clock)
        self._settings = settings
        self._clock = clock
        self._conversation = Conversation(settings.slug, board, clock)
        self._handover = Handover()
        self._waker = Waker()
        self._network = NetworkThread(
            settings,
            SessionSettings(
                username=settings.user, password=password, encoding=settings.encoding, heartbeat_s=heartbeat_s
            ),
            self._conversation,
            self._handover,
            self._waker,
            post,
            clock,
            reached,
            Backoff(rng or Random()),
            look_s,
        )
        self.thread = Thread(target=self._network.run, name=f"network:{settings.slug}", daemon=True)

    # -- Broker (any thread) ----------------------------------------------------------------------------------------

    @property
    def connection(self) -> str:
        """The stable slug of this connection."""
        return self._settings.slug

    def submit(self, order: Order) -> None:
        """Hand a committed order to the line.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        self._handover.put_order(Handed((order,)))
        self._waker.ring()

    def submit_pair(self, first: Order, second: Order) -> None:
        """Hand two committed, linked exits to the line.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        self._handover.put_order(Handed((first, second)))
        self._waker.ring()

    def submit_bracket(self, entry: Order, stop: Order, target: Order, offsets: Offsets | None = None) -> None:
        """Hand a committed entry and its two exits to the line.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        self._handover.put_order(Handed((entry, stop, target), offsets=offsets))
        self._waker.ring()

    def cancel(self, order: Order) -> None:
        """Ask to cancel an order.

        Raises:
            ConnectionLost: the line is down; nothing was queued.
        """
        self._handover.put_order(Handed((order,), cancel=True))
        self._waker.ring()

    def replace(self, order: Order, wanted: Terms) -> None:
        """Ask for other terms of a working order.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        self._handover.put_order(Handed((order,), wanted=wanted))
        self._waker.ring()

    def request_snapshot(self, since: datetime) -> None:
        """Ask for everything; answered by SnapshotReceived or SnapshotFailed. Does nothing when the line is down."""
        self._wish(lambda: self._conversation.request_snapshot(since), only_on_line=True)

    def request_positions(self, key: AccountKey) -> None:
        """Ask for the positions of one account; answered by PositionsListed, or not at all."""
        self._wish(lambda: self._conversation.request_list(key), only_on_line=True)

    def request_orders(self) -> None:
        """Ask for the open orders; answered by OrdersListed, or not at all."""
        self._wish(lambda: self._conversation.request_list(None), only_on_line=True)

    def subscribe(self, symbol: str) -> None:
        """Ask for a symbol's definition and market data, now and after every reconnect; repeats are free."""
        self._wish(lambda: self._conversation.subscribe(symbol))

    def follow_depth(self, symbol: str, wanted: bool) -> None:
        """Have a symbol's depth told, now and after every reconnect, or no more; repeats are free."""
        self._wish(lambda: self._conversation.follow_depth(symbol, wanted))

    def request_history(self, wanted: HistoryWanted) -> None:
        """Ask for the past of a market; answered by HistoryArrived or HistoryFailed."""
        due_s = self._clock.monotonic() + PRICED_WITHIN_S
        self._wish(lambda: self._pass_on(wanted, due_s))

    def reconnect(self) -> None:
        """Try the line at once instead of waiting out the back-off, also when the server had forbidden it."""
        self._network.hurried.set()
        self._waker.ring()

    # -- life (the thread that owns the program) --------------------------------------------------------------------

    def start(self) -> None:
        """Start the threads; called once."""
        self.thread.start()
        self.history.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Say goodbye to the server and end the thread; again and again is fine."""
        self._network.stopping.set()
        self._waker.ring()
        self.history.stop(min(timeout_s, 1.0))  # it may be dialing, and holds nothing anybody needs
        if self.thread.is_alive():
            self.thread.join(timeout_s)
        if not self.thread.is_alive():
            self._waker.close()

    def _pass_on(self, wanted: HistoryWanted, due_s: float) -> None:
        """Hand a question on as soon as it is known where to ask and how to read (network thread)."""
        symbol = wanted.key.symbol
        scale = self._conversation.history_scale(symbol)
        is_served = self._conversation.serves_history
        place = place_of(self._settings, is_served=bool(is_served))
        if scale is not None and place is not None:
            self.history.ask(wanted, place, scale)
        elif place is None and is_served is False:
            self.history.refuse(wanted, "This venue serves no history.", is_final=True)
        elif self._conversation.is_unknown(symbol):
            self.history.refuse(wanted, f"The venue does not know {symbol}.", is_final=True)
        elif self._clock.monotonic() < due_s:
            self._handover.put_wish(lambda: self._pass_on(wanted, due_s))
        else:
            self.history.refuse(wanted, "History failed. The line to the venue is not up.")

    def _wish(self, wish: Callable[[], None], only_on_line: bool = False) -> None:
        def granted() -> None:
            line = self._network.line
            if not only_on_line or (line is not None and line.logged_on):
                wish()

        self._handover.put_wish(granted)
        self._waker.ring()
