"""The line to a DTC server: the network thread, which alone touches the socket, and the Broker the services call.

The thread's life is a loop of connections. Each is dialed, logged on, talked over and lost, for one reason or another;
then it waits, longer each time, and tries again, for ever, unless the server forbade it. What the calling threads want
is put into a handover and the thread is woken; what the thread learns is posted to the trading thread or left on the
market board. It decides nothing: that a line is READY is for the engine to say, after it has compared everything.

Nothing is queued across connections and nothing is sent twice. An order the thread had not begun to write when the
line fell is told as SendFailed; one it had begun is listed in LinkChanged.may_have_sent.

An exception nobody foresaw ends the thread, visibly: it is told as OFFLINE, then raised, for the supervisor to see.
"""

import selectors
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from threading import Event as Flag
from threading import Thread

import structlog

from core.clock import Clock
from core.errors import ConnectionLost
from core.events import GapDetected, Link, LinkChanged, OrderReported, SendFailed
from core.messages import Event, Message
from core.model.order import Order
from core.model.scope import AccountKey
from core.ports import Checkpoint, passing
from services.dtc import session_events
from services.dtc.address import ConnectionSettings
from services.dtc.backoff import Backoff
from services.dtc.conversation import Conversation, MarketBoard
from services.dtc.delivery import Delivery
from services.dtc.dialer import dial
from services.dtc.errors import RemoteProtocolError
from services.dtc.handover import Handed, Handover
from services.dtc.line import Line
from services.dtc.messages.connection import LogonResponse
from services.dtc.session import Session
from services.dtc.session_settings import Role, SessionSettings
from services.dtc.waker import Waker

HEARTBEAT_S = 10
LOOK_S = 0.25  # how long the thread sleeps at most before it looks at the time
FAREWELL = "The terminal closes this connection."

_log = structlog.get_logger("network")


@dataclass(frozen=True, slots=True)
class _Ending:
    """Why a connection, or the try to make one, is over."""

    text: str
    may_reconnect: bool = True
    next_port: int | None = None
    may_have_sent: tuple[str, ...] = ()
    up_s: float = 0.0


class DtcClient:
    """A Broker over DTC. Any thread may call its methods; they never wait.

    Attributes:
        thread: the network thread, for the supervisor to watch.
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
        self._settings = settings
        self._session_settings = SessionSettings(
            username=settings.user, password=password, encoding=settings.encoding, heartbeat_s=heartbeat_s
        )
        self._clock = clock
        self._reached = reached
        self._look_s = look_s
        self._backoff = Backoff(rng or Random())
        self._conversation = Conversation(settings.slug, board, clock)
        self._delivery = Delivery(settings.slug, post, self._behind)
        self._handover = Handover()
        self._waker = Waker()
        self._stopping = Flag()
        self._hurried = Flag()
        self._line: Line | None = None
        self._server = settings.server
        self._trading_supported = True
        self._next_port: int | None = None
        self.thread = Thread(target=self._run, name=f"network:{settings.slug}", daemon=True)

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
        self._handover.put_order(Handed(order))
        self._waker.ring()

    def cancel(self, order: Order) -> None:
        """Ask to cancel an order.

        Raises:
            ConnectionLost: the line is down; nothing was queued.
        """
        self._handover.put_order(Handed(order, cancel=True))
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

    def reconnect(self) -> None:
        """Try the line at once instead of waiting out the back-off, also when the server had forbidden it."""
        self._hurried.set()
        self._waker.ring()

    # -- life (the thread that owns the program) --------------------------------------------------------------------

    def start(self) -> None:
        """Start the network thread; called once."""
        self.thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Say goodbye to the server and end the thread; again and again is fine."""
        self._stopping.set()
        self._waker.ring()
        if self.thread.is_alive():
            self.thread.join(timeout_s)
        if not self.thread.is_alive():
            self._waker.close()

    # -- network thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._waker.listener, selectors.EVENT_READ)
            try:
                sent: tuple[str, ...] = ()
                while not self._stopping.is_set():
                    ending = self._one_connection(selector)
                    sent = ending.may_have_sent
                    if not self._stopping.is_set():
                        self._wait(ending, selector)
                self._tell(self._link(Link.OFFLINE, may_have_sent=sent))
            except BaseException as error:
                sent = self._lose_line("The network thread ended by a fault.")
                _log.critical("network thread ended", connection=self.connection, exc_info=True)
                text = f"The network thread ended by an unexpected fault ({type(error).__name__}); restart to recover."
                self._tell(self._link(Link.OFFLINE, text, may_have_sent=sent))
                raise

    def _one_connection(self, selector: selectors.BaseSelector) -> _Ending:
        port = self._next_port or self._settings.port
        self._next_port = None
        self._tell(self._link(Link.CONNECTING))
        try:
            dialed = dial(
                self._settings.host, port, selector, self._clock.monotonic, lambda: self._turn(selector, self._look_s)
            )
        except ConnectionLost as lost:
            return _Ending(str(lost))
        if dialed is None:
            return _Ending("Stopped.")
        session = Session(Role.CLIENT, self._session_settings, self._clock.monotonic())
        self._line = Line(
            dialed,
            session,
            selector,
            self._conversation,
            self._handover,
            self._tell,
            self._clock,
            self._reached,
            self.connection,
        )
        began_s = self._clock.monotonic()
        ending = self._talk(self._line, selector)
        up_s = self._clock.monotonic() - began_s if self._line.logged_on else 0.0
        sent = self._lose_line(ending.text)
        return _Ending(ending.text, ending.may_reconnect, ending.next_port, sent, up_s)

    def _talk(self, line: Line, selector: selectors.BaseSelector) -> _Ending:
        """Hold the conversation until the line ends."""
        line.write()
        while self._turn(selector, 0.0 if line.backlog else self._look_s):
            line.read()
            ending = self._listen(line)
            line.session.tick(self._clock.monotonic())
            ending = ending or self._listen(line)
            if ending is not None:
                return ending
            self._conversation.tick()
            self._tell_news(line)
            line.write()
        line.close(FAREWELL)
        return _Ending(FAREWELL)

    def _turn(self, selector: selectors.BaseSelector, wait_s: float) -> bool:
        """Sleep until something happens, and do what concerns no connection; False when told to stop."""
        for key, _ in selector.select(wait_s):
            if key.fileobj is self._waker.listener:
                self._waker.silence()
        for wish in self._handover.wishes():
            wish()
        self._delivery.retry()
        return not self._stopping.is_set()

    def _listen(self, line: Line) -> _Ending | None:
        """Handle what was received; the ending, when it contained one."""
        try:
            for item in line.items():
                if isinstance(item, session_events.Ended):
                    return self._ended(item)
                if isinstance(item, session_events.SessionEvent):
                    self._on_session_event(item, line)
                else:
                    self._conversation.on(item)
                self._tell_news(line)
        except RemoteProtocolError as error:
            return _Ending(str(error))
        return None

    def _on_session_event(self, event: session_events.SessionEvent, line: Line) -> None:
        if isinstance(event, session_events.LoggedOn):
            self._on_logon(event.response, line)
        elif isinstance(event, session_events.HeartbeatReceived) and event.dropped > 0:
            self._tell(GapDetected(self.connection, f"The server dropped {event.dropped} messages."))
        elif isinstance(event, session_events.LinkDoubtful):
            self._tell(self._link(Link.DOUBTFUL, f"Nothing heard from the server for {event.silent_s:.0f} s."))
        elif isinstance(event, session_events.LinkAlive):
            self._tell(self._link(Link.SYNCING, "The server answers again."))
        elif isinstance(event, session_events.Stalled):
            self._tell(GapDetected(self.connection, f"This program stood still for {event.stalled_s:.0f} s."))

    def _on_logon(self, response: LogonResponse, line: Line) -> None:
        self._server = response.ServerName or self._settings.server
        self._trading_supported = response.TradingIsSupported != 0
        if not line.logged_on:  # a server may answer again later, to tell other capabilities
            line.logged_on = True
            self._conversation.begin(response)
            self._handover.open()
        _log.info("logged on", connection=self.connection, server=self._server, trading=self._trading_supported)
        self._tell(self._link(Link.SYNCING))

    def _ended(self, event: session_events.Ended) -> _Ending:
        if not isinstance(event, session_events.LogonRefused) or not event.reconnect_address:
            return _Ending(event.reason, event.may_reconnect)
        host, _, port = event.reconnect_address.rpartition(":")
        if host.strip("[]").lower() == self._settings.host.lower() and port.isdigit() and 0 < int(port) <= 65535:
            return _Ending(event.reason, next_port=int(port))
        text = f"The server sends us to {event.reconnect_address[:80]}; only the host in the settings is allowed."
        return _Ending(text, may_reconnect=False)

    def _lose_line(self, text: str) -> tuple[str, ...]:
        """Close the line and account for every order handed over; return those that may have left."""
        line, self._line = self._line, None
        unsent = [handed for handed in self._handover.close(text) if not handed.cancel]
        names = [handed.order.client_order_id for handed in unsent]
        if line is not None:
            self._conversation.end()
            self._tell_news(line)
            names = [*line.unsent(), *names]
            line.close()
        for name in names:
            self._tell(SendFailed(self.connection, name, f"The line fell before it was sent. {text}"))
        return () if line is None else tuple(line.may_have_sent)

    def _wait(self, ending: _Ending, selector: selectors.BaseSelector) -> None:
        """Tell that the line is down and wait for the next try."""
        self._next_port = ending.next_port
        wait_s = self._backoff.next_wait_s(ending.up_s)
        link = Link.OFFLINE if ending.may_reconnect else Link.REFUSED
        retry_s = wait_s if ending.may_reconnect else None
        _log.info("line down", connection=self.connection, reason=ending.text, retry_s=retry_s)
        self._hurried.clear()
        self._tell(self._link(link, ending.text, retry_s, ending.may_have_sent))
        due_s = self._clock.monotonic() + wait_s
        while not self._hurried.is_set() and (retry_s is None or self._clock.monotonic() < due_s):
            if not self._turn(selector, self._look_s):
                return

    def _tell_news(self, line: Line) -> None:
        """Hand over what the conversation has learnt."""
        for event in self._conversation.events:
            if isinstance(event, OrderReported):
                line.answered(event.report.client_order_id)
            self._tell(event)
        self._conversation.events.clear()
        if self._conversation.ticks_waiting:
            self._conversation.ticks_waiting = False
            self._delivery.wake_for_ticks()

    def _tell(self, event: Event) -> None:
        self._delivery.put(event)

    def _link(
        self, link: Link, text: str = "", retry_in_s: float | None = None, may_have_sent: tuple[str, ...] = ()
    ) -> LinkChanged:
        return LinkChanged(
            connection=self.connection,
            link=link,
            at=self._clock.now(),
            text=text,
            attempt=self._backoff.attempt,
            retry_in_s=retry_in_s,
            server=self._server,
            trading_supported=self._trading_supported,
            may_have_sent=may_have_sent,
        )

    def _behind(self) -> Event | None:
        """Return what marks the line as syncing when the inbox is full; nothing while it is not logged on."""
        if self._line is None or not self._line.logged_on:
            return None
        return self._link(Link.SYNCING, "The engine fell behind the broker's messages.")

    def _wish(self, wish: Callable[[], None], only_on_line: bool = False) -> None:
        def granted() -> None:
            if not only_on_line or (self._line is not None and self._line.logged_on):
                wish()

        self._handover.put_wish(granted)
        self._waker.ring()
