"""The invariants of RELIABILITY, read from the files two processes left behind, in exact arithmetic of our own."""

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def rows(path: Path, table: str) -> list[Row]:
    """Return a table of a database, in the order it was written."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")]
    finally:
        connection.close()


def check(database: Path) -> None:
    """Check I1, I3, I5-I8, I11 and I12 on a terminal's database in which one account of one venue was traded."""
    fills, positions = rows(database, "fill_record"), rows(database, "open_position")
    held: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for fill in fills:
        held[_scope(fill)] += _signed(fill)
    open_now = {_scope(row): Fraction(row["qty"]) for row in positions}
    assert {scope: quantity for scope, quantity in held.items() if quantity} == open_now, "I1: ledger against positions"
    ids = Counter((fill["connection"], fill["account"], fill["execution_id"], fill["leg"]) for fill in fills)
    assert not [one for one, count in ids.items() if count > 1], "I3: an execution booked twice"
    traded = {(row["connection"], row["account"]) for row in (*fills, *positions, *rows(database, "trade_record"))}
    assert len(traded) <= 1, f"I8: rows of {traded}"
    _orders(database, fills)
    _finals(database)
    _trades(database, fills)
    _audit(database, fills)
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), "I12: integrity"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == [], "I12: foreign keys"
    finally:
        connection.close()


def _orders(database: Path, fills: list[Row]) -> None:
    by_order: dict[str, Fraction] = defaultdict(Fraction)
    for fill in fills:
        by_order[fill["client_order_id"]] += Fraction(fill["qty"])
    for order in rows(database, "order_record"):
        filled = by_order.get(order["client_order_id"], Fraction(0))
        assert filled <= Fraction(order["qty"]), f"I5: {order['client_order_id']} filled {filled} of {order['qty']}"


def _finals(database: Path) -> None:
    """I6: in the order the audit tells it, a final state is never left."""
    ended: dict[str, str] = {}
    for event in rows(database, "audit_event"):
        if event["kind"] != "order":
            continue
        state, _, _ = event["text"].partition(":")
        name = json.loads(event["data"])["client_order_id"]
        assert state == ended.get(name, state), f"I6: {name} went from {ended[name]} to {state}"
        if state in ("FILLED", "CANCELLED", "EXPIRED", "REJECTED", "DENIED"):
            ended[name] = state


def _trades(database: Path, fills: list[Row]) -> None:
    """I7: every trade's gross result, recomputed from the legs between two flat states."""
    values = {(row["connection"], row["symbol"]): row for row in rows(database, "instrument")}
    results: dict[tuple[str, str, str], list[Fraction | None]] = defaultdict(list)
    quantity: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    value: dict[tuple[str, str, str], Fraction | None] = defaultdict(Fraction)
    for fill in fills:
        scope = _scope(fill)
        quantity[scope] += _signed(fill)
        so_far = value[scope]
        known = so_far is not None and fill["price"] is not None
        value[scope] = so_far - _signed(fill) * Fraction(fill["price"]) if known and so_far is not None else None
        if quantity[scope] == 0:
            total, contract = value.pop(scope), values.get((scope[0], scope[2]))
            if total is None or contract is None:
                results[scope].append(None)
            else:
                results[scope].append(total * Fraction(contract["tick_value"]) / Fraction(contract["tick_size"]))
    trades: dict[tuple[str, str, str], list[Fraction | None]] = defaultdict(list)
    for trade in rows(database, "trade_record"):
        gross = trade["realized_pnl"]
        trades[_scope(trade)].append(None if gross is None else Fraction(gross))
    assert dict(trades) == dict(results), "I7: trades against the ledger"


def _audit(database: Path, fills: list[Row]) -> None:
    events = rows(database, "audit_event")
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1)), "I12: the audit has a gap"
    previous = "0" * 64
    for event in events:
        columns = {name: value for name, value in event.items() if name != "hash"}
        text = json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
        assert event["hash"] == previous, f"I12: the audit chain breaks at {event['sequence']}"
    assert all(event["cause"] for event in events), "I11: a change without a cause"
    assert len(events) >= len({(fill["execution_id"], fill["account"]) for fill in fills}), "I11: a fill without a row"


def _scope(row: Row) -> tuple[str, str, str]:
    return row["connection"], row["account"], row["symbol"]


def _signed(fill: Row) -> Fraction:
    return Fraction(fill["qty"]) * (1 if fill["side"] == "BUY" else -1)
