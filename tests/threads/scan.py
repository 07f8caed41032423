"""What the source says about threads: where threads, locks and queues are made, and what is called under a lock.

It reads the syntax tree, so it sees what is written, not what happens: a lock passed about under another name, or a
callback called under one, can escape it. What it does see it names by place: `file:Class.attribute`.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("app", "core", "panels", "services", "data")

THREADS = {
    "threading.Thread",
    "threading.Timer",
    "logging.handlers.QueueListener",
    "concurrent.futures.ThreadPoolExecutor",
    "concurrent.futures.ProcessPoolExecutor",
    "multiprocessing.Process",
    "multiprocessing.Pool",
    "PySide6.QtCore.QThread",
    "PySide6.QtCore.QThreadPool",
    "asyncio.run",
}
LOCKS = {
    "threading.Lock",
    "threading.RLock",
    "threading.Condition",
    "threading.Semaphore",
    "threading.BoundedSemaphore",
    "threading.Event",
    "threading.Barrier",
    "multiprocessing.Lock",
    "PySide6.QtCore.QMutex",
    "PySide6.QtCore.QReadWriteLock",
    "PySide6.QtCore.QSemaphore",
    "PySide6.QtCore.QWaitCondition",
    "filelock.FileLock",
}
QUEUES = {
    "queue.Queue",
    "queue.SimpleQueue",
    "queue.LifoQueue",
    "queue.PriorityQueue",
    "multiprocessing.Queue",
    "asyncio.Queue",
    "collections.deque",
    "concurrent.futures.Future",
    "socket.socketpair",
}
# Signals, callbacks into another room, another thread's door, the network, the disk, the log, waiting.
CALLS_OUT = {
    *("send", "emit", "connect", "post", "announce", "handle", "refresh", "receive"),
    *("submit", "cancel", "request_snapshot", "request_positions", "request_orders", "subscribe", "reconnect"),
    *("recv", "sendall", "accept", "select", "ring", "open", "write", "read", "readline", "flush", "unlink", "touch"),
    *("execute", "commit", "record", "save", "append_audit", "reached", "checkpoint"),
    *("debug", "info", "warning", "error", "critical", "exception", "log", "print"),
    *("sleep", "join", "result", "acquire", "put", "start"),
}


Method = ast.FunctionDef | ast.AsyncFunctionDef


class Made(NamedTuple):
    """Something made somewhere."""

    place: str
    kind: str


class CalledOut(NamedTuple):
    """A call under a lock that must not be."""

    place: str
    lock: str
    call: str


@cache
def production_files() -> tuple[tuple[str, ast.Module], ...]:
    """Return every file of the program, by its name in the checkout."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple((path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def made(name: str, tree: ast.Module, kinds: Iterable[str]) -> set[Made]:
    """Return where a file makes something of the given kinds, or derives a class from one."""
    finder = _Makers(name, _imported(tree), set(kinds))
    finder.visit(tree)
    return finder.found


def called_out(name: str, tree: ast.Module) -> list[CalledOut]:
    """Return the calls out of this file that happen inside `with <lock>`, in methods it calls on itself too."""
    found: list[CalledOut] = []
    for owner in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        locks = {one.place.rpartition(".")[2] for one in made(name, tree, LOCKS) if f":{owner.name}." in one.place}
        methods = {node.name: node for node in owner.body if isinstance(node, Method)}
        for method in methods.values():
            place = f"{name}:{owner.name}.{method.name}"
            for block, held in _held_blocks(method, locks):
                calls = _calls(block.body, methods, locks - {held}, seen=set())
                found += [CalledOut(place, held, call) for call in calls]
    return found


def _held_blocks(function: ast.AST, locks: set[str]) -> Iterator[tuple[ast.With, str]]:
    for block in ast.walk(function):
        if isinstance(block, ast.With):
            for item in block.items:
                lock = _attribute(item.context_expr)
                if lock in locks:
                    yield block, lock


def _calls(
    body: Iterable[ast.AST], methods: Mapping[str, Method], other_locks: set[str], seen: set[str]
) -> Iterator[str]:
    """Yield what calls out in some statements, and a second lock that is taken; the same one again is re-entrant."""
    for statement in body:
        yield from (f"with self.{lock}" for _, lock in _held_blocks(statement, other_locks))
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            own = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "self"
            if own and called in methods:
                if called not in seen:
                    yield from _calls(methods[called].body, methods, other_locks, seen | {called})
            elif called in CALLS_OUT:
                yield ast.unparse(node.func)


def _attribute(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
        return node.attr
    return None


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            for one in node.names:
                names[one.asname or one.name.split(".")[0]] = one.name if one.asname else one.name.split(".")[0]
    return names


class _Makers(ast.NodeVisitor):
    def __init__(self, name: str, imported: Mapping[str, str], kinds: set[str]) -> None:
        self.found: set[Made] = set()
        self._name = name
        self._imported = imported
        self._kinds = kinds
        self._inside: list[str] = []
        self._in_function = False
        self._target = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            self._note(base, f"{self._name}:{'.'.join([*self._inside, node.name])}")
        self._within(node.name, node, function=False)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._within(node.name, node, function=True)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._within(node.name, node, function=True)

    def visit_Assign(self, node: ast.Assign) -> None:
        first = node.targets[0]
        self._assigned(first.elts[0] if isinstance(first, ast.Tuple) else first, node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._assigned(node.target, node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func.value if isinstance(node.func, ast.Subscript) else node.func
        self._note(function, self._place())
        self.generic_visit(node)

    def _assigned(self, target: ast.expr, node: ast.Assign | ast.AnnAssign) -> None:
        before, self._target = self._target, ast.unparse(target)
        if node.value is not None:
            self.visit(node.value)
        self._target = before

    def _within(self, name: str, node: ast.AST, function: bool) -> None:
        self._inside.append(name)
        before = self._target, self._in_function
        self._target, self._in_function = "", function
        self.generic_visit(node)
        self._target, self._in_function = before
        self._inside.pop()

    def _place(self) -> str:
        """Name what is made: an attribute by its class, a variable by its function, the rest by where it is."""
        target, inside = self._target, self._inside
        if target.startswith("self."):
            return f"{self._name}:{'.'.join(inside[:-1])}.{target.removeprefix('self.')}"
        return f"{self._name}:{'.'.join([*inside, target] if target else inside)}"

    def _note(self, expression: ast.expr, place: str) -> None:
        head, _, rest = ast.unparse(expression).partition(".")
        full = ".".join(part for part in (self._imported.get(head, head), rest) if part)
        # A deque that is only a variable belongs to one call, and so to one thread.
        local = self._in_function and bool(self._target) and not self._target.startswith("self.")
        if full in self._kinds and not (full == "collections.deque" and local):
            self.found.add(Made(place, full.rpartition(".")[2]))
