"""Run a simulator as a program: the embedded child process of the terminal, or `stanchion simulate`.

When it is ready it writes one line to standard output, `{"port": 11099, "history_port": 11098}`, and nothing else
ever. Started with `ends_with_stdin` it ends as soon as standard input does, which is when its parent is gone, however
it went: what the parent had sent until then is handled first.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import IO

from filelock import FileLock, Timeout

from services.simulator.contracts import Contract
from services.simulator.errors import SimulatorBusy
from services.simulator.ports import MarketPort, SimulatorStore
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings

LOCK_FILE = "simulator.lock"
_PREDECESSOR_ENDS_WITHIN_S = 10.0


def serve(
    settings: SimulatorSettings,
    store: SimulatorStore,
    stdin: IO[bytes] | IO[str],
    stdout: IO[str],
    market: MarketPort | None = None,
    listed: Sequence[Contract] = (),
) -> int:
    """Serve until standard input ends, or the user or the system asks to end; return the exit code, 0.

    Args:
        market: another market than the seeded one.
        listed: what that market trades.

    Raises:
        PortBusy: another program listens on the port.
        UnlistenableAddress: host or port cannot be used.
        SimulatorBusy: another simulator works in the data folder.
        PersistenceError: the store failed; what was not committed was not told to anybody.
        UnreadableRecording: a replayed file is wrong further on.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(settings.data_dir / LOCK_FILE)
    try:
        lock.acquire(timeout=_PREDECESSOR_ENDS_WITHIN_S)
    except Timeout as error:
        raise SimulatorBusy(f"Another simulator works in {settings.data_dir}") from error
    try:
        server = SimulatorServer(settings, store, market, listed)
        try:
            port = server.listen()
            if settings.ends_with_stdin:
                Thread(target=_stop_at_end, args=(stdin, server), name="parent", daemon=True).start()
            stdout.write(json.dumps({"port": port, "history_port": server.history_port}) + "\n")
            stdout.flush()
            with _stopped_by_signals(server):
                server.run()
        finally:
            server.close()
    finally:
        store.close()
        lock.release()
    return 0


@contextmanager
def _stopped_by_signals(server: SimulatorServer) -> Iterator[None]:
    """Let Ctrl-C and a polite kill end the server between two turns, never within one."""
    if current_thread() is not main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop_at_end(stdin: IO[bytes] | IO[str], server: SimulatorServer) -> None:
    """Wait for the end of standard input, by the descriptor: a blocked buffered read would hold up the exit."""
    while os.read(stdin.fileno(), 4096):
        continue
    server.stop()
