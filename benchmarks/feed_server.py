"""A DTC server that answers a terminal and sends market data at a rate.

`python -m benchmarks.feed_server RATE SYMBOLS [POSITIONS]`: messages a second once so many symbols are subscribed to;
positions it reports in the one account it has. Orders fill as soon as they come.
"""

import socket
import sys
import time
from contextlib import suppress

from benchmarks.feed_answers import Answers
from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum
from services.dtc.messages import catalog
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.market_data import MarketDataUpdateBidAsk, MarketDataUpdateTrade
from services.dtc.session import Session
from services.dtc.session_events import LogonRequested
from services.dtc.session_settings import Role, SessionSettings

BINARY = EncodingEnum.BINARY_ENCODING
BATCH_S = 0.005


def main() -> int:
    """Serve one terminal until it goes."""
    with suppress(ConnectionError):
        _serve()
    return 0


def _serve() -> None:
    rate, symbols = int(sys.argv[1]), int(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    line, _ = listener.accept()
    line.settimeout(BATCH_S)
    session = Session(Role.SERVER, SessionSettings(client_name="feed"), time.monotonic())
    answers = Answers(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    frames: list[bytes] = []
    began = sent = 0.0
    while True:
        try:
            data = line.recv(65536)
            if not data:
                return
            session.receive_data(data, time.monotonic())
        except TimeoutError:
            pass
        for item in session.messages():
            if isinstance(item, LogonRequested):
                session.accept_logon(LogonResponse(Result=1, ServerName="feed", TradingIsSupported=1))
            elif isinstance(item, Message):
                answers.give(session, item)
        session.tick(time.monotonic())
        line.settimeout(10.0)
        waiting = session.data_to_send()
        if waiting:
            line.sendall(waiting)
            session.data_sent(len(waiting))
        if rate and len(answers.subscribed) >= symbols:
            if not frames:
                frames = [
                    _trade(symbol) if turn % 2 else _quote(symbol)
                    for turn in range(10)
                    for symbol in answers.subscribed
                ]
                began = time.monotonic()
            due = (time.monotonic() - began) * rate - sent
            if due >= 1:
                count = min(int(due), rate // 20 + 1)
                start = int(sent) % len(frames)
                batch = (frames * (count // len(frames) + 2))[start : start + count]
                line.sendall(b"".join(batch))
                sent += count
        line.settimeout(BATCH_S)


def _trade(symbol: int) -> bytes:
    now = time.time()
    return encode(MarketDataUpdateTrade(SymbolID=symbol, Price=6500.25, Volume=1.0, AtBidOrAsk=2, DateTime=now), BINARY)


def _quote(symbol: int) -> bytes:
    update = MarketDataUpdateBidAsk(
        SymbolID=symbol, BidPrice=6500.0, BidQuantity=5.0, AskPrice=6500.25, AskQuantity=7.0, DateTime=int(time.time())
    )
    return encode(update, BINARY)


if __name__ == "__main__":
    assert catalog.BY_TYPE
    sys.exit(main())
