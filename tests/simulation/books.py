"""What is committed, read past the code under test and judged in exact arithmetic of our own: I1, I3, I7, I8, I12."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from core.clock import Clock
from core.model.fill import Fill
from core.model.scope import AccountKey, PositionKey
from tests.simulation.database import Disk

_FILLS = "SELECT connection, account, symbol, execution_id, leg, side, qty, price, source FROM fill_record ORDER BY id"
_TRADES = "SELECT connection, account, symbol, qty, realized_pnl FROM trade_record ORDER BY id"
_POSITIONS = "SELECT connection, account, symbol, qty FROM open_position"
_VALUES = "SELECT connection, symbol, tick_size, tick_value FROM instrument"
_THEIRS = ("OURS", "EXTERNAL")

Round = tuple[Fraction, Fraction | None]


def held(disk: Disk) -> dict[PositionKey, Decimal]:
    """Return the stored positions, signed."""
    return {PositionKey(*scope): Decimal(quantity) for *scope, quantity in disk.rows(_POSITIONS)}


def states(disk: Disk) -> dict[str, tuple[str, Decimal]]:
    """Return the stored orders: state and filled quantity by our name for them."""
    rows = disk.rows("SELECT client_order_id, state, filled_qty FROM order_record")
    return {name: (state, Decimal(filled)) for name, state, filled in rows}


def check(disk: Disk, executed: Mapping[tuple[AccountKey, str], Decimal], undefined: Collection[str]) -> None:
    """Check the ledger, what is folded from it, and that the broker executed every bit of it.

    Args:
        undefined: symbols that were traded before their contract was defined: the money of a trade may be unknown.
    """
    sums: dict[PositionKey, Fraction] = defaultdict(Fraction)
    opened: dict[PositionKey, Fraction] = defaultdict(Fraction)
    value: dict[PositionKey, Fraction | None] = defaultdict(Fraction)
    rounds: dict[PositionKey, list[Round]] = defaultdict(list)
    booked: dict[tuple[AccountKey, str], Fraction] = defaultdict(Fraction)
    seen: Counter[tuple[str, str, str, int]] = Counter()
    worth = {(one[0], one[1]): Fraction(one[3]) / Fraction(one[2]) for one in disk.rows(_VALUES) if one[2] and one[3]}
    for connection, account, symbol, execution, leg, side, quantity, price, source in disk.rows(_FILLS):
        key, signed = PositionKey(connection, account, symbol), Fraction(quantity) * (1 if side == "BUY" else -1)
        seen[connection, account, execution, leg] += 1
        if source in _THEIRS:
            booked[key.account_key, execution] += signed
        if sums[key] * signed >= 0:
            opened[key] += abs(signed)
        sums[key] += signed
        so_far = value[key]
        value[key] = None if so_far is None or price is None else so_far - signed * Fraction(price)
        if sums[key] == 0:
            points = value.pop(key)
            of_point = worth.get((connection, symbol))  # of a contract nobody has defined, money is unknown
            money = None if points is None or of_point is None else points * of_point
            rounds[key].append((opened.pop(key), money))
    assert all(count == 1 for count in seen.values()), f"I3: booked twice: {seen.most_common(1)}"
    _fold(disk, {key: total for key, total in sums.items() if total}, rounds, undefined)
    for name, amount in booked.items():
        assert executed.get(name) == amount, f"I3: booked {amount} of {name}, executed {executed.get(name)}"


def lacking(disk: Disk, told: Iterable[Fill]) -> list[Fill]:
    """Return the executions of a history that are neither booked, nor older than the account, nor in a correction."""
    rows = disk.rows("SELECT connection, account, symbol, execution_id, source, received_at FROM fill_record")
    booked = {(AccountKey(one[0], one[1]), one[3]) for one in rows}
    corrected: dict[PositionKey, datetime] = {}
    for connection, account, symbol, _, source, received_at in rows:
        key, at = PositionKey(connection, account, symbol), datetime.fromisoformat(received_at)
        if source not in _THEIRS:
            corrected[key] = max(at, corrected.get(key, at))
    anchors = {
        AccountKey(*key): anchor for *key, anchor in disk.rows("SELECT connection, name, fills_anchor FROM account")
    }
    return [
        one
        for one in told
        if anchors.get(one.key.account_key)
        and (one.fill_time is None or one.fill_time > datetime.fromisoformat(anchors[one.key.account_key]))
        and (one.key not in corrected or one.time > corrected[one.key])
        and (one.key.account_key, one.execution_id) not in booked
    ]


def check_audit(disk: Disk, clock: Clock) -> None:
    """Check that the audit has no gap and its chain holds, from the first row (I12)."""
    store = disk.open(clock)
    store.audit.verify_chain()
    store.close()


def _fold(
    disk: Disk,
    sums: Mapping[PositionKey, Fraction],
    rounds: Mapping[PositionKey, list[Round]],
    undefined: Collection[str],
) -> None:
    stored = {key: Fraction(quantity) for key, quantity in held(disk).items()}
    assert stored == sums, f"I1: the ledger sums to {sums}, open_position holds {stored}"
    written: dict[PositionKey, list[Round]] = defaultdict(list)
    for *scope, quantity, gross in disk.rows(_TRADES):
        key = PositionKey(*scope)
        expected = rounds[key][len(written[key])][1] if len(written[key]) < len(rounds[key]) else None
        unknown = None if key.symbol not in undefined else expected
        written[key].append((Fraction(quantity), unknown if gross is None else Fraction(gross)))
    assert dict(written) == dict(rounds), f"I7: trades {dict(written)}, the ledger gives {dict(rounds)}"
