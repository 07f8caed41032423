"""The log: JSON lines, no secrets, and no call that can change what the program does."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from app import log as log_module
from app.log import MASK, LogFile, masked


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogFile]:
    level = logging.getLogger().level
    made = LogFile(tmp_path)
    made.start()
    yield made
    made.stop()
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def lines(log: LogFile, folder: Path) -> list[dict[str, Any]]:
    """Write out what is queued and read the file."""
    log.stop()
    log.start()
    return [json.loads(line) for line in (folder / "stanchion.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dtc://me:hunter2@host:11099", f"dtc://me:{MASK}@host:11099"),
        ("password=hunter2 and more", f"password={MASK} and more"),
        ('{"Password": "hunter2", "x": 1}', f'{{"Password": "{MASK}", "x": 1}}'),
        ("api_key: hunter2", f"api_key: {MASK}"),
        ("dtc://host:11099 and 12:30", "dtc://host:11099 and 12:30"),
        ("nothing secret here", "nothing secret here"),
    ],
)
def test_secrets_are_blotted_out_by_their_shape(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_line_is_json_with_its_facts(log: LogFile, tmp_path: Path) -> None:
    structlog.get_logger("trading").info("fill booked", symbol="ESZ26", quantity=2)
    (line,) = lines(log, tmp_path)
    assert line["event"] == "fill booked"
    assert (line["symbol"], line["quantity"], line["level"], line["logger"]) == ("ESZ26", 2, "info", "trading")
    assert line["timestamp"].endswith("Z")


def test_the_standard_librarys_lines_are_json_too(log: LogFile, tmp_path: Path) -> None:
    logging.getLogger("services.simulator").info("listens on %s, password=%s", 11099, "hunter2")
    (line,) = lines(log, tmp_path)
    assert line["event"] == f"listens on 11099, password={MASK}"
    assert line["logger"] == "services.simulator"


def test_no_secret_reaches_the_file(log: LogFile, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    logger = structlog.get_logger("any")
    logger.info("logon", password="hunter2", user="me", address="dtc://me:hunter2@host:1")
    logger.info("nested", settings={"token": "hunter2", "more": ["password=hunter2"]})
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        logger.error("failed", exc_info=True)
    lines(log, tmp_path)
    assert "hunter2" not in (tmp_path / "stanchion.jsonl").read_text(encoding="utf-8")


class Awkward:
    """Cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [Awkward(), object(), float("nan"), b"\xff", {1: 2}, "\ud800", lambda: None])
def test_no_value_can_make_a_log_call_raise(log: LogFile, value: object) -> None:
    structlog.get_logger("any").info("odd", value=value)
    structlog.get_logger("any").info("odd %s", value)


def test_keyword_fields_named_like_logging_s_own_do_no_harm(log: LogFile, tmp_path: Path) -> None:
    structlog.get_logger("any").info("odd", name="x", msg="y", args=(1,), level="z", exc_info=None)
    assert lines(log, tmp_path)[0]["event"] == "odd"


def test_what_the_disk_refuses_is_counted_and_never_raised(log: LogFile, tmp_path: Path) -> None:
    (tmp_path / "stanchion.jsonl").mkdir()
    structlog.get_logger("any").info("into a folder")
    log.stop()
    assert log.dropped == 1
    log.start()


def test_a_file_that_is_being_read_grows_on_and_no_line_and_no_older_file_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(log_module, "MAX_BYTES", 1200)
    caplog.set_level(logging.INFO)  # and back at the end
    log, rename = LogFile(tmp_path), os.rename

    def write(number: int) -> None:
        log.start()
        logging.getLogger("test").info("line %d %s", number, "x" * 100)
        log.stop()

    def refused(source: str, target: str) -> None:
        if Path(source) == tmp_path / "stanchion.jsonl":
            raise PermissionError(13, "in use")
        rename(source, target)

    for number in range(8):
        write(number)
    older = {path.name for path in tmp_path.iterdir()}
    with (tmp_path / "stanchion.jsonl").open(encoding="utf-8"), monkeypatch.context() as held:
        if sys.platform != "win32":  # which refuses by itself
            held.setattr(os, "rename", refused)
        for number in range(8, 16):
            write(number)
    assert {path.name for path in tmp_path.iterdir()} == older
    write(16)
    assert len(older) > 1 and len(list(tmp_path.iterdir())) == len(older) + 1
    kept = [line for path in tmp_path.iterdir() for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(int(json.loads(line)["event"].split()[1]) for line in kept) == list(range(17))
    assert log.dropped == 0
