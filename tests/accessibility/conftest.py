"""The running program, heard as a screen reader hears it."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.accessibility.session import missing, screen, session_bus, terminal

if not missing():
    pytest.importorskip("jeepney", reason="the small D-Bus library that comes with the keyring is not installed")
    from tests.accessibility.tree import Bus, Node, wait_for


@dataclass
class Heard:
    """The program on the accessibility bus.

    Attributes:
        folder: its data folder. display: the screen it is on.
    """

    bus: "Bus"
    window: "Node"
    folder: Path
    display: str

    def find(self, role: str, begins: str) -> "Node":
        """Return what is showing, has that role and a name that begins so; waits for it."""
        return wait_for(lambda: self.look(role, begins), f"{role} “{begins}”")

    def look(self, role: str, begins: str) -> "Node | None":
        """Return it when it is there now."""
        return next((one for one in self.window.walk() if one.role == role and one.called.startswith(begins)), None)

    def says(self, begins: str) -> str:
        """Return what a label that begins so says; waits for it."""
        return self.find("label", begins).name

    def dialogs(self) -> "list[Node]":
        """Return the windows that are open over the one of the terminal."""
        (program,) = self.bus.programs()
        return [one for one in program.children if one.path != self.window.path and one.is_showing]

    def control(self, line: str) -> None:
        """Have the simulator do something."""
        with (self.folder / "simulator" / "control.jsonl").open("a") as file:
            file.write(f"{line}\n")


@pytest.fixture(scope="session")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    """Start a screen, a session and the program, once for all tests, and find its window."""
    if reason := missing():
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "XDG_CACHE_HOME": str(home)}
    with screen() as display, session_bus({**kept, **own, "DISPLAY": display}) as address:
        qt = {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "TZ": "UTC"}
        here = {**kept, **own, **qt, "DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": address}
        with contextlib.closing(Bus.of_session(address)) as bus, terminal(home / "data", here):
            program = wait_for(lambda: next(iter(bus.programs()), None), "the program", 40)
            window = wait_for(
                lambda: next((one for one in program.children if " · " in one.name), None), "a window", 40
            )
            made = Heard(bus, window, home / "data", display)
            wait_for(lambda: _ready(made), "a market to trade in", 40)
            yield made


def _ready(heard: Heard) -> bool:
    buy = heard.look("push button", "Buy 1")
    return buy is not None and "market" in buy.description
