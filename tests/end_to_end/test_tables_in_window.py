"""The lists in the whole terminal: a watched symbol, what is recorded, exports and a log bundle."""

import csv
import tomllib
import zipfile
from decimal import Decimal

from app.config import SETTINGS_NAME
from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World


def test_what_was_watched_traded_and_recorded_is_seen_and_taken_elsewhere(world: World) -> None:
    fills, log, bundle = (world.folder.parent / name for name in ("fills.csv", "log.pdf", "bundle.zip"))
    world.run(
        *("ready", "size:1440x900", "watch:NQZ26_FUT_CME", "watched:NQZ26", "buy:1", "close"),
        *(f"export:fills={fills}", "told:Fills: 2 rows written", "logged:MESZ26_FUT_CME", f"export:log={log}"),
        *("told:Log: ", f"bundle:{bundle}", "told:Log bundle: ", "quit"),
        program=WINDOW,
    )
    stored = tomllib.loads((world.folder / SETTINGS_NAME).read_text(encoding="utf-8"))
    assert [one.partition("/")[2] for one in stored["watch"]] == ["NQZ26_FUT_CME"]
    with fills.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    booked = invariants.rows(world.database, "fill_record")
    assert [(row["Execution ID"], Decimal(row["Price"])) for row in reversed(rows)] == [
        (row["execution_id"], Decimal(row["price"])) for row in booked
    ]
    assert log.read_bytes().startswith(b"%PDF-")
    with zipfile.ZipFile(bundle) as files:
        texts = {name: files.read(name).decode() for name in files.namelist()}
    assert "Thread: trading: runs" in texts["state.txt"] and "Sim1" not in "".join(texts.values())
    world.run("ready", "size:1440x900", "watched:NQZ26", "quit", program=WINDOW)
    invariants.check(world.database)
