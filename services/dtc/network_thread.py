"""The network thread of one line: the only one that touches its socket, from the first dial to the last goodbye.

Its life is a loop of connections. Each is dialed, logged on, talked over and lost, for one reason or another; then it
waits, longer each time, and tries again, for ever, unless the server forbade it. It decides nothing: that a line is
READY is for the engine to say, after it has compared everything.

Nothing is queued across connections and nothing is sent twice. An order the thread had not begun to write when the
line fell is told as SendFailed; one it had begun is listed in LinkChanged.may_have_sent.

An exception nobody foresaw ends the thread, visibly: it is told as OFFLINE, then raised, for the supervisor to see.
"""

import math
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event as Flag

import structlog

from core.clock import Clock
from core.errors import ConnectionLost
from core.events import GapDetected, Link, LinkChanged, OrderReported, SendFailed
from core.messages import Event, Message
from core.ports import Checkpoint
from services.dtc import session_events
from services.dtc.address import ConnectionSettings
from services.dtc.backoff import Backoff
from services.dtc.conversation import Conversation
from services.dtc.delivery import Delivery
from services.dtc.dialer import dial
from services.dtc.errors import RemoteProtocolError
from services.dtc.handover import Handover
from services.dtc.line import Line
from services.dtc.messages.connection import LogonResponse
from services.dtc.session import Session
from services.dtc.session_settings import Role, SessionSettings
from services.dtc.waker import Waker

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


class NetworkThread:
    """What the thread does.

    Attributes:
        settings: where the server is.
        line: the connection of the moment; None between two.
        stopping: set from any thread to end it, hurried to end a wait; both with a ring of the waker.
        delivery: the way to the trading thread.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        session_settings: SessionSettings,
        conversation: Conversation,
        handover: Handover,
        waker: Waker,
        post: Callable[[Message], None],
        clock: Clock,
        reached: Checkpoint,
        backoff: Backoff,
        look_s: float,
    ) -> None:
        self.settings = settings
        self.line: Line | None = None
        self.stopping = Flag()
        self.hurried = Flag()
        self.delivery = Delivery(settings.slug, post, self._behind)
        self._session_settings = session_settings
        self._conversation = conversation
        self._handover = handover
        self._waker = waker
        self._clock = clock
        self._reached = reached
        self._backoff = backoff
        self._look_s = look_s
        self._server = settings.server
        self._trading_supported = True
        self._oco_supported = self._brackets_supported = self._hedging = False
        self._next_port: int | None = None

    def run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._waker.listener, selectors.EVENT_READ)
            try:
                sent: tuple[str, ...] = ()
                while not self.stopping.is_set():
                    ending = self._one_connection(selector)
                    sent = ending.may_have_sent
                    if not self.stopping.is_set():
                        self._wait(ending, selector)
                self._tell(self._link(Link.OFFLINE, may_have_sent=sent))
            except BaseException as error:
                sent = self._lose_line("The network thread ended by a fault.")
                _log.critical("network thread ended", connection=self.settings.slug, exc_info=True)
                text = f"The network thread ended by an unexpected fault ({type(error).__name__}); restart to recover."
                self._tell(self._link(Link.OFFLINE, text, may_have_sent=sent))
                raise

    def _one_connection(self, selector: selectors.BaseSelector) -> _Ending:
        port = self._next_port or self.settings.port
        self._next_port = None
        self._tell(self._link(Link.CONNECTING))
        try:
            dialed = dial(
                self.settings.host, port, selector, self._clock.monotonic, lambda: self._turn(selector, self._look_s)
            )
        except ConnectionLost as lost:
            return _Ending(str(lost))
        if dialed is None:
            return _Ending("Stopped.")
        began_s = self._clock.monotonic()
        return self._lost(self._talk(self._begin(dialed, selector), selector), began_s)

    def _begin(self, dialed: socket.socket, selector: selectors.BaseSelector) -> Line:
        """Begin a conversation on a connected socket."""
        session = Session(Role.CLIENT, self._session_settings, self._clock.monotonic())
        self.line = Line(
            dialed,
            session,
            selector,
            self._conversation,
            self._handover,
            self._tell,
            self._clock,
            self._reached,
            self.settings.slug,
        )
        self.line.write()
        return self.line

    def _lost(self, ending: _Ending, began_s: float) -> _Ending:
        """Give the line back; return its ending with what may have left on it and how long it was up."""
        logged_on = self.line is not None and self.line.logged_on
        up_s = self._clock.monotonic() - began_s if logged_on else 0.0
        return replace(ending, may_have_sent=self._lose_line(ending.text), up_s=up_s)

    def _talk(self, line: Line, selector: selectors.BaseSelector) -> _Ending:
        """Hold the conversation until the line ends."""
        while self._turn(selector, 0.0 if line.backlog else self._look_s):
            ending = self._exchange(line)
            if ending is not None:
                return ending
        line.close(FAREWELL)
        return _Ending(FAREWELL)

    def _exchange(self, line: Line) -> _Ending | None:
        """Take what came in, look at the time, send what is wanted; the ending, when there is one."""
        line.read()
        ending = self._listen(line)
        line.session.tick(self._clock.monotonic())
        ending = ending or self._listen(line)
        if ending is None:
            self._conversation.tick()
            self._tell_news(line)
            line.write()
        return ending

    def _turn(self, selector: selectors.BaseSelector, wait_s: float) -> bool:
        """Sleep until something happens, and do what concerns no connection; False when told to stop."""
        for key, _ in selector.select(wait_s):
            if key.fileobj is self._waker.listener:
                self._waker.silence()
        for wish in self._handover.wishes():
            wish()
        self.delivery.retry()
        return not self.stopping.is_set()

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
            self._tell(GapDetected(self.settings.slug, f"The server dropped {event.dropped} messages."))
        elif isinstance(event, session_events.LinkDoubtful):
            self._tell(self._link(Link.DOUBTFUL, f"Nothing heard from the server for {event.silent_s:.0f} s."))
        elif isinstance(event, session_events.LinkAlive):
            self._tell(self._link(Link.SYNCING, "The server answers again."))
        elif isinstance(event, session_events.Stalled):
            self._tell(GapDetected(self.settings.slug, f"This program stood still for {event.stalled_s:.0f} s."))

    def _on_logon(self, response: LogonResponse, line: Line) -> None:
        self._server = response.ServerName or self.settings.server
        self._trading_supported = response.TradingIsSupported != 0
        self._oco_supported = response.OCOOrdersSupported != 0
        self._brackets_supported = response.BracketOrdersSupported != 0
        self._hedging = response.UsesMultiplePositionsPerSymbolAndTradeAccount != 0
        if not line.logged_on:  # a server may answer again later, to tell other capabilities
            line.logged_on = True
            self._conversation.begin(response)
            self._handover.open()
        _log.info("logged on", connection=self.settings.slug, server=self._server, trading=self._trading_supported)
        self._tell(self._link(Link.SYNCING))

    def _ended(self, event: session_events.Ended) -> _Ending:
        if not isinstance(event, session_events.LogonRefused) or not event.reconnect_address:
            return _Ending(event.reason, event.may_reconnect)
        host, _, port = event.reconnect_address.rpartition(":")
        if host.strip("[]").lower() == self.settings.host.lower() and port.isdigit() and 0 < int(port) <= 65535:
            return _Ending(event.reason, next_port=int(port))
        text = f"The server sends us to {event.reconnect_address[:80]}; only the host in the settings is allowed."
        return _Ending(text, may_reconnect=False)

    def _lose_line(self, text: str) -> tuple[str, ...]:
        """Close the line and account for every order handed over; return those that may have left."""
        line, self.line = self.line, None
        unsent = [handed for handed in self._handover.close(text) if not handed.cancel]
        names = [name for handed in unsent for name in handed.names]
        if line is not None:
            self._conversation.end()
            self._tell_news(line)
            names = [*line.unsent(), *names]
            line.close()
        for name in names:
            self._tell(SendFailed(self.settings.slug, name, f"The line fell before it was sent. {text}"))
        return () if line is None else tuple(line.may_have_sent)

    def _wait(self, ending: _Ending, selector: selectors.BaseSelector) -> None:
        """Tell that the line is down and wait for the next try."""
        due_s = self._tell_down(ending)
        while not self.hurried.is_set() and self._clock.monotonic() < due_s:
            if not self._turn(selector, self._look_s):
                return

    def _tell_down(self, ending: _Ending) -> float:
        """Tell that the line is down; return when to try again, monotonic seconds: never, if the server forbade it."""
        self._next_port = ending.next_port
        wait_s = self._backoff.next_wait_s(ending.up_s)
        link = Link.OFFLINE if ending.may_reconnect else Link.REFUSED
        retry_s = wait_s if ending.may_reconnect else None
        _log.info("line down", connection=self.settings.slug, reason=ending.text, retry_s=retry_s)
        self.hurried.clear()
        self._tell(self._link(link, ending.text, retry_s, ending.may_have_sent))
        return self._clock.monotonic() + wait_s if ending.may_reconnect else math.inf

    def _tell_news(self, line: Line) -> None:
        """Hand over what the conversation has learnt."""
        for event in self._conversation.events:
            if isinstance(event, OrderReported):
                line.answered(event.report.client_order_id)
            self._tell(event)
        self._conversation.events.clear()
        if self._conversation.ticks_waiting:
            self._conversation.ticks_waiting = False
            self.delivery.wake_for_ticks()

    def _tell(self, event: Event) -> None:
        self.delivery.put(event)

    def _link(
        self, link: Link, text: str = "", retry_in_s: float | None = None, may_have_sent: tuple[str, ...] = ()
    ) -> LinkChanged:
        return LinkChanged(
            connection=self.settings.slug,
            link=link,
            at=self._clock.now(),
            text=text,
            attempt=self._backoff.attempt,
            retry_in_s=retry_in_s,
            server=self._server,
            trading_supported=self._trading_supported,
            oco_supported=self._oco_supported,
            brackets_supported=self._brackets_supported,
            hedging=self._hedging,
            may_have_sent=may_have_sent,
        )

    def _behind(self) -> Event | None:
        """Return what marks the line as syncing when the inbox is full; nothing while it is not logged on."""
        if self.line is None or not self.line.logged_on:
            return None
        return self._link(Link.SYNCING, "The engine fell behind the broker's messages.")
