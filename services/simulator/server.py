"""The simulator's server: one thread, one selector, sockets of several clients.

A turn waits for a socket, a control verb or the next 20 ms; lets market time pass; handles what came; gives every line
its heartbeat; writes what is to be written. Nothing blocks except the wait and the commit of the store, and a commit
comes before every message that tells of it.

`run` does it in the calling thread, `start` in one of its own. `stop` and `control` may be called from any thread.
"""

from __future__ import annotations

import errno
import logging
import selectors
import socket
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Thread
from typing import Any, Final

from services.dtc.errors import RemoteProtocolError
from services.simulator import wire
from services.simulator.contracts import Contract
from services.simulator.control import Control, Result
from services.simulator.control_inbox import ControlInbox
from services.simulator.errors import PortBusy, UnlistenableAddress
from services.simulator.faults import LineFaults
from services.simulator.history import History
from services.simulator.line import Line
from services.simulator.pacer import STEP_S, Pacer
from services.simulator.plug import Plug
from services.simulator.ports import MarketPort, SimulatorStore
from services.simulator.reports import Report
from services.simulator.settings import SimulatorSettings
from services.simulator.venue import Venue

_POLL_S: Final = 0.05
_IDLE_S: Final = 0.5
_SAVE_S: Final = 5.0
_CONTROL_WITHIN_S: Final = 10.0

_log = logging.getLogger(__name__)


class SimulatorServer:
    """A DTC server over a simulated venue.

    Attributes:
        port: where it listens, known after `listen`.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        store: SimulatorStore,
        market: MarketPort | None = None,
        listed: Sequence[Contract] = (),
    ) -> None:
        """Take over the store's memory; nothing listens yet.

        Args:
            market: another market than the seeded one.
            listed: what that market trades.
        """
        self.port = 0
        self._settings = settings
        self._store = store
        self._venue = Venue(settings, store, _wall_us(), market, listed)
        self._faults = LineFaults()
        self._control = Control(self._venue, self._faults, self)
        self._inbox = ControlInbox(settings)
        self._selector = selectors.DefaultSelector()
        self._history = History(settings, self._venue, self._selector, is_made_up=market is None)
        self._listener: socket.socket | None = None
        self._plugs: list[Plug] = []
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ, self._hear_bell)
        self._saved = time.monotonic()
        self._pacer = Pacer(settings.speed, self._saved)
        self._stopping = False
        self._abrupt = False
        self._thread: Thread | None = None
        self._failure: Exception | None = None

    def listen(self) -> int:
        """Open the port and return its number; faults the simulator is started with are there from now on.

        Raises:
            PortBusy: another program listens there.
            UnlistenableAddress: the address cannot be used at all.
        """
        host, port = self._settings.host, self._settings.port
        try:
            listener = socket.create_server((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise PortBusy(f"Port {port} on {host} is in use by another program") from error
            raise UnlistenableAddress(f"Cannot listen on {host}:{port}: {error}") from error
        except OverflowError as error:
            raise UnlistenableAddress(f"Cannot listen on {host}:{port}: {error}") from error
        listener.setblocking(False)
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self.port = listener.getsockname()[1]
        self._history.listen()
        _log.info("simulator listens on %s:%s", host, self.port)
        self._inbox.begin(self._apply, time.monotonic())
        return self.port

    @property
    def history_port(self) -> int:
        """Where history is served, known after `listen`; 0 when it is not."""
        return self._history.port

    def run(self) -> None:
        """Serve until `stop`, then settle, say goodbye and save. `listen` comes first."""
        try:
            while not self._stopping:
                self._turn()
            if not self._abrupt:
                self._finish()
        finally:
            self.close()

    def start(self) -> int:
        """Listen and serve in a thread of its own; return the port."""
        port = self.listen()
        self._thread = Thread(target=self._run_in_thread, name="simulator", daemon=True)
        self._thread.start()
        return port

    def stop(self, abruptly: bool = False) -> None:
        """End serving and wait for the thread, if there is one. Any thread.

        Args:
            abruptly: as if killed: nothing is settled, said or saved.

        Raises:
            Whatever ended the thread before.
        """
        self._abrupt = abruptly
        self._stopping = True
        self._ring()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def close(self) -> None:
        """Release every socket; `run` does it by itself."""
        for plug in list(self._plugs):
            self._unplug(plug, "the simulator ends")
        self._history.close(abruptly=self._abrupt)
        if self._listener is not None:
            self._listener.close()
        self._selector.close()
        self._bell.close()
        self._rope.close()

    def control(self, verb: str, **arguments: Any) -> Result:
        """Carry out a control verb on the server's thread and return its result. Any thread but the server's.

        Raises:
            BadControl: unknown verb, or arguments that make no sense.
        """
        future = self._inbox.ask(verb, arguments)
        self._ring()
        return future.result(_CONTROL_WITHIN_S)

    # -- for the control

    def drop_lines(self, reset: bool) -> None:
        """Close every client's connection without a word."""
        for plug in list(self._plugs):
            if reset:
                plug.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._unplug(plug, "dropped on command")

    def log_off_lines(self, reason: str, do_not_reconnect: bool) -> None:
        """Say goodbye to every client."""
        for plug in self._plugs:
            plug.line.session.log_off(reason, do_not_reconnect=do_not_reconnect)

    def set_silent(self, on: bool) -> None:
        """Stop or resume reading, writing and accepting; the sockets stay open."""
        if self._faults.silent is on:
            return
        self._faults.silent = on
        for plug in self._plugs:
            plug.watch(self._selector, reading=not on)
        if self._listener is not None:
            if on:
                self._selector.unregister(self._listener)
            else:
                self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def tell_all(self, reports: list[Report]) -> None:
        """Send reports to every client that is logged on."""
        if not reports:
            return
        last = self._venue.broker.last_prices()
        messages = [wire.report(each, self._venue.contracts, last) for each in reports]
        for plug in self._plugs:
            if plug.line.active:
                plug.line.tell(messages)

    def tell_feed(self, symbols: Iterable[str], is_up: bool, whole: bool) -> None:
        """Tell every client that market data went or came back."""
        for plug in self._plugs:
            if plug.line.active:
                plug.line.tell_feed(symbols, is_up, whole)

    def tell_figures(self) -> None:
        """Send every client what has changed in the sessions it subscribed to."""
        for plug in self._plugs:
            if plug.line.active:
                plug.line.tell_figures()

    def count_lines(self) -> int:
        """Return how many clients are logged on."""
        return sum(plug.line.active for plug in self._plugs)

    # -- one turn

    def _turn(self) -> None:
        ready = self._selector.select(self._patience())
        self._pace()
        for key, _ in ready:
            key.data()
        now = time.monotonic()
        self._inbox.run(self._apply, now)
        for plug in list(self._plugs):
            self._attend(plug, now)
        self._history.attend(now)

    def _patience(self) -> float:
        if self._venue.running:
            return STEP_S
        return _POLL_S if self._plugs or self._inbox.is_watching else _IDLE_S

    def _pace(self) -> None:
        now = time.monotonic()
        wanted = now >= self._faults.back_at and (self._settings.keep_running or self.count_lines() > 0)
        if not self._venue.running:
            if wanted:
                self._wake()
            return
        if not wanted:
            self.tell_all(self._venue.rest())
            return
        missed = self._pacer.missed(now)
        for _ in range(self._pacer.due(now)):
            self._pass_step()
        if missed:
            self._venue.wake(_wall_us())
        if now - self._saved > _SAVE_S:
            self._saved = now
            self._venue.save()
            self._history.save()

    def _pass_step(self) -> None:
        happened = self._venue.pass_time(self._pacer.step_us)
        self._history.follow(happened.events)
        for plug in self._plugs:
            if plug.line.active and happened.events:
                plug.line.tell_market(happened.events)
        self.tell_all(happened.reports)

    def _wake(self) -> None:
        """Let market time pass from now on."""
        if not self._venue.running:
            self._venue.wake(_wall_us())
            self._venue.running = True
            self._pacer.begin(time.monotonic())

    def _attend(self, plug: Plug, now: float) -> None:
        if self._faults.silent:
            return
        plug.line.tick(now)
        try:
            plug.write()
        except OSError as error:
            self._unplug(plug, str(error))
            return
        session = plug.line.session
        if plug.line.lost or session.ended or (plug.line.over and not session.bytes_to_send):
            self._unplug(plug, session.ended.reason if session.ended else "the conversation is over")
            return
        plug.watch(self._selector, reading=True)

    def _accept(self) -> None:
        assert self._listener is not None, "a connection arrived before listen()"
        try:
            connection, address = self._listener.accept()
        except OSError as error:  # gone again before we looked
            _log.info("no connection: %s", error)
            return
        if self._faults.refuse_connections or time.monotonic() < self._faults.back_at:
            connection.close()
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = Line(self._settings.session, self._venue, self._faults, self._wake, self.tell_all, time.monotonic())
        plug = Plug(connection, line)
        plug.on_ready = lambda: self._read(plug)
        plug.watch(self._selector, reading=True)
        self._plugs.append(plug)
        _log.info("line from %s", address)

    def _read(self, plug: Plug) -> bool:
        """Handle what a client sent; return whether there may be more."""
        if plug not in self._plugs:
            return False
        try:
            data = plug.socket.recv(1 << 16)
        except BlockingIOError:
            return False
        except OSError as error:
            self._unplug(plug, str(error))
            return False
        if not data:
            self._unplug(plug, "closed by the client")
            return False
        try:
            plug.line.receive(data, time.monotonic())
        except RemoteProtocolError as error:
            self._unplug(plug, str(error))
            return False
        return True

    def _unplug(self, plug: Plug, reason: str) -> None:
        if plug in self._plugs:
            self._plugs.remove(plug)
            plug.watch(self._selector, reading=False)
            plug.socket.close()
            _log.info("line closed: %s", reason)

    # -- commands

    def _ring(self) -> None:
        try:
            self._rope.send(b"\0")
        except (BlockingIOError, OSError) as error:  # rung already, or over
            _log.debug("bell: %s", error)

    def _hear_bell(self) -> None:
        self._bell.recv(4096)

    def _apply(self, verb: str, arguments: Mapping[str, Any]) -> Result:
        if not self._venue.running:
            self._venue.wake(_wall_us())
        return self._control.apply(verb, arguments)

    # -- the end

    def _finish(self) -> None:
        """Handle what clients sent before they went, settle it, say goodbye, save."""
        for plug in list(self._plugs):
            while not self._faults.silent and self._read(plug):
                continue
        self.tell_all(self._venue.rest())
        self.log_off_lines("The simulator ends", do_not_reconnect=False)
        now = time.monotonic()
        for plug in list(self._plugs):
            self._attend(plug, now)

    def _run_in_thread(self) -> None:
        try:
            self.run()
        except Exception as error:  # told by `stop`
            self._failure = error


def _wall_us() -> int:
    return time.time_ns() // 1_000
