"""Damaged recordings: every byte may be wrong, and there is a record or a sentence, never anything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from core.errors import ConfigurationError
from services.simulator.ports import StatusChanged
from services.simulator.replay_files import ReplaySettings, open_replay
from tests.services.simulator.recordings import (
    SECOND_US,
    moments,
    rows,
    scid_records,
    write_csv,
    write_parquet,
    write_scid,
)

PIECES = (b"", b"\0", b"\xff", b"nan", b"-", b",", b"\n", b'"', b"1e999999", b"9" * 30, b"\xc2\xb2", b"trade", b".")


def replay_whole(file: Path) -> str:
    """Replay a file to its end; return the sentence that refuses it, or nothing."""
    try:
        market, _ = open_replay(ReplaySettings([file]))
        while not market.ended:
            events = market.step(600 * SECOND_US)
        assert isinstance(events[-1], StatusChanged)
    except ConfigurationError as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize(
    ("name", "write", "runs"),
    [
        ("MESZ25.csv", lambda path: write_csv(path, rows(moments(20))), 600),
        ("MESZ25.scid", lambda path: write_scid(path, scid_records(moments(20))), 600),
        ("MESZ25.parquet", lambda path: write_parquet(path, rows(moments(20))), 60),
    ],
)
def test_a_damaged_recording_is_replayed_or_refused_in_one_sentence(
    tmp_path: Path, name: str, write: Callable[[Path], Path], runs: int
) -> None:
    random, file = Random(name), write(tmp_path / name)
    whole, refused = file.read_bytes(), set()
    for _ in range(runs):
        damaged = bytearray(whole)
        for _ in range(random.randint(1, 3)):
            at, piece = random.randrange(len(damaged)), random.choice(PIECES)
            damaged[at : at + random.randint(0, 8)] = piece or bytes([random.randrange(256)])
        file.write_bytes(damaged)
        refused.add(replay_whole(file))
    file.write_bytes(whole)
    assert replay_whole(file) == ""
    assert len(refused) > 2
    assert all("\n" not in sentence and len(sentence) < 500 for sentence in refused)
