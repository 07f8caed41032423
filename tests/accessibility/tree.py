"""What a screen reader is told, asked for as one asks: the tree of a program on the accessibility bus (AT-SPI).

Only the few calls the tests need, over a small D-Bus library. A node is an address; what it says is read each time.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

from jeepney import DBusAddress, MatchRule, message_bus, new_method_call  # type: ignore[import-untyped,unused-ignore]
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped,unused-ignore]

from tests.end_to_end.deadlines import until

Found = TypeVar("Found")
ATSPI = "org.a11y.atspi"
PROPERTIES = "org.freedesktop.DBus.Properties"
REGISTRY = f"{ATSPI}.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
WITHIN_S = 40.0
LABELLED_BY = 2
EVENTS = f"{ATSPI}.Event.Object"


class State(IntEnum):
    """The states the tests ask for, as AT-SPI numbers them."""

    ENABLED = 8
    FOCUSABLE = 11
    FOCUSED = 12
    SENSITIVE = 24
    SHOWING = 25
    VISIBLE = 30


class Refused(Exception):
    """The program answered a question with an error: the node is gone, or has no such interface."""


@dataclass
class Bus:
    """The accessibility bus of one session.

    Attributes:
        spoken: announcements heard so far: text, and whether it interrupts.
    """

    connection: Any
    _announced: deque[Any] = field(default_factory=deque)
    spoken: list[tuple[str, bool]] = field(default_factory=list)

    @classmethod
    def of_session(cls, address: str) -> "Bus":
        """Connect to the accessibility bus of a session bus, which starts it."""
        asked = DBusAddress("/org/a11y/bus", bus_name="org.a11y.Bus", interface="org.a11y.Bus")
        with open_dbus_connection(bus=address) as session:
            (place,) = session.send_and_get_reply(new_method_call(asked, "GetAddress"), timeout=WITHIN_S).body
        made = cls(open_dbus_connection(bus=place))
        # The registry is started by the first call; one of several that race for its name answers nobody.
        wait_for(made._listen, "the registry of programs")
        return made

    def _listen(self) -> bool:
        """Hear announcements; a program sends only what somebody registered for."""
        rule = MatchRule(type="signal", interface=EVENTS, member="Announcement")
        self.connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=WITHIN_S)
        self.call(REGISTRY, "/org/a11y/atspi/registry", REGISTRY, "RegisterEvent", "s", ("object:announcement",))
        self._heard = self.connection.filter(rule, queue=self._announced, bufsize=1000)
        self._heard.__enter__()
        return True

    def call(
        self, name: str, path: str, interface: str, method: str, signature: str = "", body: Sequence[object] = ()
    ) -> Any:
        """Return the answer to one call.

        Raises:
            Refused: it is an error.
        """
        asked = new_method_call(DBusAddress(path, name, interface), method, signature or None, tuple(body))
        reply = self.connection.send_and_get_reply(asked, timeout=WITHIN_S)
        if reply.header.message_type.name == "error":
            raise Refused(f"{method} of {path}: {reply.body}")
        return reply.body[0] if len(reply.body) == 1 else reply.body

    def programs(self) -> list["Node"]:
        """Return the programs that have a tree."""
        return Node(self, REGISTRY, ROOT).children

    def listen(self, seconds: float) -> list[tuple[str, bool]]:
        """Take what is announced for so long, and return all that was."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self.connection.recv_messages(timeout=left)
            except TimeoutError:
                break
            self._take()
        self._take()
        return self.spoken

    def _take(self) -> None:
        while self._announced:
            _, politeness, _, value, *_ = self._announced.popleft().body
            self.spoken.append((value[1], politeness == 2))

    def close(self) -> None:
        """Leave the bus."""
        self.connection.close()


@dataclass(frozen=True)
class Node:
    """One thing a screen reader can be on."""

    bus: Bus
    owner: str
    path: str

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._property("Accessible", "Name"))

    @property
    def description(self) -> str:
        """What is said of it besides."""
        return str(self._property("Accessible", "Description"))

    @property
    def role(self) -> str:
        """What it is: "push button", "table cell"."""
        return str(self._call("Accessible", "GetRoleName"))

    @property
    def interfaces(self) -> set[str]:
        """What can be asked of it: "Action", "Table"."""
        return {one.rsplit(".", 1)[1] for one in self._call("Accessible", "GetInterfaces")}

    @property
    def states(self) -> set[State]:
        """Those of its states that the tests ask for."""
        low, high = self._call("Accessible", "GetState")
        bits = low | high << 32
        return {one for one in State if bits >> one & 1}

    @property
    def children(self) -> list["Node"]:
        """What is inside."""
        return [Node(self.bus, owner, path) for owner, path in self._call("Accessible", "GetChildren")]

    @property
    def labels(self) -> list[str]:
        """The names of what labels it."""
        related = self._call("Accessible", "GetRelationSet")
        return [Node(self.bus, *one).name for kind, ones in related if kind == LABELLED_BY for one in ones]

    @property
    def text(self) -> str:
        """What stands in a field."""
        return str(self._call("Text", "GetText", "ii", (0, -1)))

    @property
    def called(self) -> str:
        """What a screen reader says of it first: labels, name, and for a field what stands in it."""
        return " ".join(part for part in (*self.labels, self.name) if part)

    @property
    def is_showing(self) -> bool:
        """Whether it can be seen."""
        return {State.SHOWING, State.VISIBLE} <= self.states

    def walk(self, only_showing: bool = True) -> Iterator["Node"]:
        """Yield everything inside, outermost first; cells of tables are left to those who ask for tables."""
        for one in self.children:
            if only_showing and not one.is_showing:
                continue
            yield one
            if one.role not in ("table", "list"):
                yield from one.walk(only_showing)

    def press(self) -> None:
        """Do its first action, as a screen reader's user does."""
        if self._call("Action", "DoAction", "i", (0,)) is not True:
            raise Refused(f"{self.name} could not be pressed")

    def type(self, text: str) -> None:
        """Put a text into a field."""
        if self._call("EditableText", "SetTextContents", "s", (text,)) is not True:
            raise Refused(f"{self.name} takes no text")

    def rows(self) -> list[list[str]]:
        """Return what a table says, cell by cell."""
        columns, rows = int(self._property("Table", "NColumns")), int(self._property("Table", "NRows"))
        return [[self._cell(row, column).name for column in range(columns)] for row in range(rows)]

    def headers(self) -> list[str]:
        """Return what the columns of a table are called."""
        columns = int(self._property("Table", "NColumns"))
        return [str(self._call("Table", "GetColumnDescription", "i", (at,))) for at in range(columns)]

    def _cell(self, row: int, column: int) -> "Node":
        return Node(self.bus, *self._call("Table", "GetAccessibleAt", "ii", (row, column)))

    def _property(self, interface: str, name: str) -> Any:
        (_, value) = self.bus.call(self.owner, self.path, PROPERTIES, "Get", "ss", (f"{ATSPI}.{interface}", name))
        return value

    def _call(self, interface: str, method: str, signature: str = "", body: Sequence[object] = ()) -> Any:
        return self.bus.call(self.owner, self.path, f"{ATSPI}.{interface}", method, signature, body)


def wait_for(look: Callable[[], Found | None], what: str, within_s: float = WITHIN_S) -> Found:
    """Return the first thing found, looking again until the deadline."""
    found: list[Found] = []

    def seen() -> bool:
        try:
            one = look()
        except Refused:
            one = None  # what was looked at has just gone
        if one:
            found.append(one)
        return bool(one)

    until(seen, what, within_s)
    return found[0]
