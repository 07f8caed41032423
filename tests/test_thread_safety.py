"""THREAD_SAFETY.md holds what the source holds, and the source keeps the rules that page states."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator

import pytest

from core.state_manager import StateManager
from tests.threads.scan import LOCKS, QUEUES, ROOT, THREADS, CalledOut, Made, called_out, made, production_files

PAGE = ROOT / "THREAD_SAFETY.md"
_ROW = re.compile(r"^\| `([^`]+)` \| (\w+) \| (.*) \|$")

# Who may write what. A new caller is added here on purpose, by somebody who knows in which thread it runs.
POSITIONS, ORDERS = "services/position_service.py", "services/order_service.py"
ACCOUNTS, RECOVERY = "services/account_service.py", "services/position_recovery.py"
BOOK = "services/recovery_book.py"
FINDINGS = "services/finding_service.py"
MARKET, NETWORK = "services/market_data_service.py", "services/dtc/conversation.py"
DEPTH = "services/dtc/depth_talk.py"
ENGINE, LOOP = "app/engine.py", "services/trading_loop.py"
WRITERS: dict[str, set[str]] = {
    # network threads
    "put_tick": {NETWORK},
    "put_quote": {NETWORK},
    "put_session_figures": {NETWORK},
    "put_depth": {DEPTH},
    "drop_depth": {DEPTH},
    # main thread, before any other exists (the engine loads), and the services on the trading thread
    "load": {ENGINE},
    "set_instrument": {ENGINE, POSITIONS},
    # trading thread
    "set_position": {POSITIONS},
    "set_order": {ORDERS},
    "set_operation": {"services/close_service.py"},
    "set_scope": {"services/certainty_service.py", RECOVERY, BOOK},
    "set_entry": {"services/entry_service.py"},
    "set_trail": {"services/stop_service.py"},
    "set_recovery": {BOOK},
    "set_armed": {"services/arming_service.py"},
    "set_settings": {"services/settings_service.py"},
    "set_resettable": {"services/account_reset_service.py"},
    "set_one_click": {"services/arming_service.py"},
    "set_unfit": {ENGINE},
    # main thread: how things are shown, which decides nothing
    "set_pnl_mark": {"app/terminal.py"},
    "set_shared": {"services/shared_accounts.py"},
    "set_clock_ahead": {"services/clock_watch.py"},
    "set_guards": {"services/guard_service.py"},
    "set_alerts": {"services/alert_service.py"},
    "set_watched": {"services/watch_service.py"},
    "count_duplicate": {POSITIONS},
    "set_findings": {FINDINGS},
    "set_connection": {RECOVERY, ORDERS},
    "block_entries": {RECOVERY},
    "set_lock": {"services/panic_service.py"},
    "set_account": {ACCOUNTS},
    "set_balance": {ACCOUNTS},
    "set_ledger": {ACCOUNTS},
    "adjust_ledger": {ACCOUNTS},
    "select_account": {ACCOUNTS},
    "select_symbol": {MARKET},
    "drain_ticks": {MARKET},
    "set_studies": {MARKET},
    "set_charts": {"services/chart_service.py"},
    "set_volumes": {MARKET},
    "mark_quotes_stale": {MARKET},
    "set_database": {"services/run_service.py"},
    "set_unsaved": {"services/unsaved.py"},
    # query thread
    "set_query_result": {"services/query_thread.py"},
    # the trading thread, or the main thread when the engine cannot take a message any more
    "add_notice": {LOOP, ENGINE},
    "halt": {LOOP, ENGINE, "services/unsaved.py"},
}
READERS = {"snapshot", "selection_history", "held"}
# Names other objects have too; these count only on what is called state or board.
COMMON = {"load", "halt", "snapshot", "held"}


def rows() -> dict[str, list[Made]]:
    """Return the rows of the page by the heading they stand under."""
    found: dict[str, list[Made]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif match := _ROW.match(line):
            found.setdefault(heading, []).append(Made(match[1], match[2]))
    return found


def in_source(kinds: Iterable[str]) -> set[Made]:
    return {one for name, tree in production_files() for one in made(name, tree, kinds)}


def cells(heading: str, column: int) -> Iterator[tuple[Made, str]]:
    """Yield a column of every row under a heading."""
    text = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    for line in text.splitlines():
        if match := _ROW.match(line):
            yield Made(match[1], match[2]), line.strip("| ").split(" | ")[column]


@pytest.mark.parametrize(("heading", "kinds"), [("Threads", THREADS), ("Locks", LOCKS), ("Queues", QUEUES)])
def test_the_page_has_a_row_for_everything_in_the_source_and_for_nothing_else(heading: str, kinds: set[str]) -> None:
    written, found = rows()[heading], in_source(kinds)
    assert len(set(written)) == len(written), "a row stands twice"
    assert sorted(found - set(written)) == [], "in the source, not on the page"
    assert sorted(set(written) - found) == [], "on the page, not in the source"


def test_every_row_is_filled_in_to_its_end() -> None:
    columns = 0
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| Made at"):
            columns = line.count("|")
        elif _ROW.match(line):
            assert all(cell.strip() for cell in line.strip("|").split("|")), line
            assert line.count("|") == columns, line


def test_a_lock_between_threads_is_said_to_call_nothing_out() -> None:
    for lock, answer in cells("Locks", column=5):
        assert answer.startswith("no") is (lock.kind != "FileLock"), lock


def test_nothing_is_called_out_under_a_lock() -> None:
    found: list[CalledOut] = [one for name, tree in production_files() for one in called_out(name, tree)]
    assert found == []


def test_a_class_has_one_lock_and_no_more() -> None:
    guarded: dict[str, list[str]] = {}
    for lock in in_source(LOCKS - {"threading.Event", "filelock.FileLock"}):
        owner, _, name = lock.place.rpartition(".")
        guarded.setdefault(owner, []).append(name)
    assert {owner: names for owner, names in guarded.items() if len(names) > 1} == {}


# -- who writes the state --------------------------------------------------------------------------------------------


def callers(names: Iterable[str]) -> dict[str, set[str]]:
    """Return the files outside core that call a method of that name on something that may be the state."""
    wanted = set(names)
    found: dict[str, set[str]] = {}
    for name, tree in production_files():
        if name.startswith("core/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in wanted:
                owner = ast.unparse(node.value).rpartition(".")[2].lstrip("_")
                if owner in ("state", "board") or node.attr not in COMMON:
                    found.setdefault(node.attr, set()).add(name)
    return found


def test_every_writer_of_the_state_is_listed_here() -> None:
    public = {name for name, _ in inspect.getmembers(StateManager, inspect.isfunction) if not name.startswith("_")}
    assert public - READERS == set(WRITERS)


def test_the_state_is_written_by_those_who_may_and_by_nobody_else() -> None:
    assert callers(WRITERS) == WRITERS


def test_a_panel_only_reads_what_it_is_given() -> None:
    everything = callers({*WRITERS, *READERS})
    assert {name for names in everything.values() for name in names if name.startswith("panels/")} == set()
    for name, tree in production_files():
        if name.startswith("panels/"):
            imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert "core.state_manager" not in imported, name


def test_a_line_to_a_broker_knows_the_state_only_as_a_board_for_the_market() -> None:
    for name, tree in production_files():
        if name.startswith("services/dtc/"):
            imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert "core.state_manager" not in imported, name
    written = {
        writer for writer, names in callers(WRITERS).items() if any(one.startswith("services/dtc/") for one in names)
    }
    assert written == {"put_tick", "put_quote", "put_session_figures", "put_depth", "drop_depth"}


def test_what_the_engine_signals_is_connected_in_one_place() -> None:
    connected = {
        name
        for name, tree in production_files()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and re.search(r"(state\.changed|loop\.announced)\.connect\w*$", ast.unparse(node.func))
    }
    assert connected == {"app/terminal.py"}
    assert "connected in `app/terminal.py` before any thread starts" in PAGE.read_text(encoding="utf-8")


def test_the_database_is_opened_by_the_store_and_used_by_nobody_in_the_window_or_on_the_line() -> None:
    for name, tree in production_files():
        if name.startswith(("panels/", "services/")):
            imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert not any(module.split(".")[0] == "data" for module in imported), name


# -- the scanner sees what it is meant to see ------------------------------------------------------------------------

SAMPLE = """
import threading, queue
from collections import deque
from dataclasses import dataclass, field
from threading import RLock, Thread as Worker

@dataclass
class Held:
    rows: deque[int] = field(default_factory=lambda: deque(maxlen=3))

class Own(threading.Thread):
    pass

class Room:
    def __init__(self) -> None:
        self._lock = RLock()
        self._other: threading.Lock = threading.Lock()
        self._rows: "queue.Queue[int]" = queue.Queue[int]()
        local = deque([1])
        self._map.setdefault("x", deque())

    def start(self) -> None:
        Worker(target=self.run).start()

    def quiet(self) -> None:
        with self._lock:
            self._count += 1
        self.changed.send(self)

    def loud(self) -> None:
        with self._lock:
            self._tell()

    def _tell(self) -> None:
        self.changed.send(self)

    def twice(self) -> None:
        with self._lock:
            with self._other:
                pass
"""


def test_the_scanner_finds_threads_locks_and_queues_by_any_name() -> None:
    tree = ast.parse(SAMPLE)
    assert made("f.py", tree, THREADS) == {Made("f.py:Room.start", "Thread"), Made("f.py:Own", "Thread")}
    assert made("f.py", tree, LOCKS) == {Made("f.py:Room._lock", "RLock"), Made("f.py:Room._other", "Lock")}
    assert made("f.py", tree, QUEUES) == {
        Made("f.py:Held.rows", "deque"),
        Made("f.py:Room._rows", "Queue"),
        Made("f.py:Room.__init__", "deque"),
    }


def test_the_scanner_finds_what_is_called_out_under_a_lock_and_a_second_lock() -> None:
    found = called_out("f.py", ast.parse(SAMPLE))
    assert set(found) == {
        CalledOut("f.py:Room.loud", "_lock", "self.changed.send"),
        CalledOut("f.py:Room.twice", "_lock", "with self._other"),
    }
