"""Fetching one history over a socket of its own, on the calling thread."""

import socket
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Final

from core.clock import Clock
from core.errors import ConnectionLost
from core.history import HistoryArrived, HistoryFailed, HistoryProgress, HistoryWanted
from core.model.bar import BarSource
from core.model.bar_clock import BarClock, hours_of
from services.dtc.address import ConnectionSettings
from services.dtc.enums import HistoricalPriceDataRejectReasonCodeEnum as Why
from services.dtc.errors import ProtocolError
from services.dtc.history_records import RecordReader, expected_records, progress_of, request_for
from services.dtc.history_talk import HistoryTalk
from services.dtc.messages.historical_prices import HistoricalPriceDataReject
from services.dtc.price_scale import PriceScale
from services.dtc.session import Session
from services.dtc.session_settings import Role, SessionSettings
from services.dtc.visit import dialed

CLIENT_NAME: Final = "Stanchion history"
DIAL_WITHIN_S: Final = 10.0
LOOK_S: Final = 0.25
TELL_EVERY_S: Final = 0.5
READ_BYTES: Final = 1 << 16


class Stopped(Exception):
    """The program ends; nobody waits for the answer."""


def fetch(
    place: ConnectionSettings,
    password: str,
    wanted: HistoryWanted,
    scale: PriceScale,
    clock: Clock,
    tell: Callable[[HistoryProgress], None],
    is_stopping: Callable[[], bool],
    *,
    compress: bool = True,
) -> HistoryArrived | HistoryFailed:
    """Return the answer to a question.

    Args:
        place: where history is served.
        tell: takes how far it is, now and then.

    Raises:
        Stopped: it was told to stop.
    """
    reader = RecordReader(wanted, BarClock(wanted.key.interval, hours_of(wanted.key.symbol)), scale, clock.now())
    wishes = SessionSettings(CLIENT_NAME, place.user, password, "", 60, place.encoding)
    session = Session(Role.CLIENT, wishes, clock.monotonic())
    talk = HistoryTalk(session, request_for(wanted, compress=compress), reader)
    try:
        with closing(dialed(place, DIAL_WITHIN_S)) as connected:
            connected.settimeout(LOOK_S)
            _hold(connected, talk, clock, is_stopping, lambda: tell(_progress(wanted, reader, clock.now())))
    except ProtocolError as error:
        if talk.is_compressed:  # there may be servers that compress in a way of their own
            return fetch(place, password, wanted, scale, clock, tell, is_stopping, compress=False)
        return HistoryFailed(wanted.ticket, wanted.key, f"History failed. {error}")
    except ConnectionLost as error:
        return HistoryFailed(wanted.ticket, wanted.key, f"History failed. {error}")
    except OSError as error:
        reason = error.strerror or str(error)
        return HistoryFailed(
            wanted.ticket, wanted.key, f"History failed. {place.server} broke the connection: {reason}."
        )
    return _outcome(wanted, reader, talk.refusal)


def _hold(
    connected: socket.socket,
    talk: HistoryTalk,
    clock: Clock,
    is_stopping: Callable[[], bool],
    tell: Callable[[], None],
) -> None:
    """Talk until the answer is complete; raises what ends it before."""
    told_s = clock.monotonic()
    while not talk.is_over:
        if is_stopping():
            raise Stopped
        connected.sendall(talk.to_send())
        try:
            data = connected.recv(READ_BYTES)
        except TimeoutError:
            talk.tick(clock.monotonic())
            continue
        now_s = clock.monotonic()
        if data:
            talk.receive(data, now_s)
            talk.tick(now_s)
        else:
            talk.receive_eof()
        if now_s - told_s >= TELL_EVERY_S:
            told_s = now_s
            tell()


def _outcome(
    wanted: HistoryWanted, reader: RecordReader, refusal: HistoricalPriceDataReject | None
) -> HistoryArrived | HistoryFailed:
    if refusal is None:
        bars = reader.bars()
        return HistoryArrived(wanted.ticket, wanted.key, bars, BarSource.VENUE)
    if refusal.RejectReasonCode == Why.HPDR_DATA_REQUEST_OUTSIDE_BOUNDS_OF_AVAILABLE_DATA:
        return HistoryArrived(wanted.ticket, wanted.key, (), BarSource.VENUE, has_older=False)
    return HistoryFailed(
        wanted.ticket,
        wanted.key,
        f"The venue refused the history: {refusal.RejectText or 'no reason given'}",
        is_final=refusal.RejectReasonCode == Why.HPDR_UNABLE_TO_SERVE_DATA_DO_NOT_RETRY,
        retry_in_s=float(refusal.RetryTimeInSeconds) or None,
    )


def _progress(wanted: HistoryWanted, reader: RecordReader, now: datetime) -> HistoryProgress:
    loaded = progress_of(wanted, reader)
    return HistoryProgress(wanted.ticket, wanted.key, loaded, max(loaded, expected_records(wanted, now)))
