"""Bytes on their way out, and whose they are."""

import random

from services.dtc.outbox import Outbox, Unwritten, Written


def test_a_token_starts_with_its_first_byte_and_completes_with_its_last() -> None:
    outbox = Outbox()
    outbox.append(b"heartbeat")
    outbox.append(b"order", "A")
    outbox.append(b"x", "B")
    assert outbox.advance(9) == Written()
    assert outbox.unwritten() == Unwritten(untouched=("A", "B"))
    assert outbox.advance(1) == Written(started=("A",))
    assert outbox.unwritten() == Unwritten(partly=("A",), untouched=("B",))
    assert outbox.peek(100) == b"rderx"
    assert outbox.advance(0) == Written()
    assert outbox.advance(5) == Written(started=("B",), completed=("A", "B"))
    assert (len(outbox), outbox.peek(100), outbox.unwritten()) == (0, b"", Unwritten())


def test_whatever_the_socket_takes_every_byte_leaves_once_and_in_order() -> None:
    for seed in range(50):
        generator = random.Random(seed)
        outbox = Outbox()
        frames = [generator.randbytes(generator.randint(1, 40)) for _ in range(30)]
        for number, frame in enumerate(frames):
            outbox.append(frame, number)
        sent = b""
        started: list[object] = []
        completed: list[object] = []
        while len(outbox):
            offered = outbox.peek(generator.randint(1, 100))
            took = generator.randint(0, len(offered))
            written = outbox.advance(took)
            sent += offered[:took]
            started += written.started
            completed += written.completed
        assert sent == b"".join(frames)
        assert started == completed == list(range(30))


def test_peek_offers_no_more_than_asked() -> None:
    outbox = Outbox()
    outbox.append(b"abc")
    outbox.append(b"def")
    assert outbox.peek(4) == b"abcd"
