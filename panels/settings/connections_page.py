"""Settings: the lines of this run, and the addresses of the next one, each tried with a button."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QListWidget, QVBoxLayout, QWidget

from core.commands import ReconnectNow
from core.link import Link
from core.settings_commands import SetDesk
from core.settings_facts import Trial
from core.snapshot import ConnectionStatus
from panels import formatting as f
from panels.settings.checks import printable
from panels.settings.page import Page, Row, SettingsState
from panels.settings.typed_field import TypedField
from panels.theme import font
from panels.widgets.controls import button, explain, field
from panels.widgets.labels import TextLabel
from panels.wishes import ChangeAddresses, KeepPassword, TryConnection

SIMULATOR = "sim"
SCHEME = "dtc://"
NEXT_START = "Takes effect at the next start."
FROM_COMMAND_LINE = "This run connects to what the command line named; the list holds for a start without --connect."
TONES = {None: "ink2", True: "ink1", False: "danger"}
CHOOSE = "Choose an address in the list first."


class ConnectionRow(QWidget):
    """A line of this run: try it again now, and the telephone of its desk."""

    def __init__(self, page: "ConnectionsPage", name: str) -> None:
        super().__init__()
        self.again = button(f"settingsReconnect_{name}", "Reconnect now", f"Reconnect {name} now")
        self.again.clicked.connect(lambda: page.intent.emit(ReconnectNow(name)))
        self.phone = TypedField(
            f"settingsDesk_{name}", f"Telephone of the desk of {name}", 200, printable, number=False
        )
        self.phone.setPlaceholderText("telephone of the desk")
        self.phone.taken.connect(lambda text: page.intent.emit(SetDesk(name, text)))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.again)
        layout.addWidget(self.phone)


class ConnectionsPage(Page):
    """Lines, addresses, passwords."""

    title = "Connections"
    also = "broker server dtc sierra address port password test"

    def build(self) -> None:
        """Put the rows in place."""
        self.lines: dict[str, tuple[ConnectionRow, Row]] = {}
        self._stored: list[str] = []
        self.heading("At the next start")
        self.row("Addresses", self._addresses(), also="add edit remove test dtc sierra chart port", is_wide=True)
        self.row(
            "Password",
            self._password(),
            "Of the address chosen above, where it has a user. It is kept by the system's keyring, nowhere else.",
            also="keyring secret user",
            is_wide=True,
        )

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the lines and the addresses."""
        self._show_lines(seen, is_new)
        facts = seen.facts
        self._stored = list(facts.addresses)
        texts = [_words(address) for address in self._stored] or ["Built-in simulator alone"]
        if texts != [self.list.item(at).text() for at in range(self.list.count())]:
            at = self.list.currentRow()
            self.list.clear()
            self.list.addItems(texts)
            self.list.setCurrentRow(min(at, len(self._stored) - 1))
        known = set(facts.in_use.values())
        changed = set(self._stored or [SIMULATOR]) != known and bool(known)
        said = FROM_COMMAND_LINE if facts.is_chosen else NEXT_START if changed else ""
        self.when.say(said, "caution" if changed and not facts.is_chosen else "ink3")
        if is_new or self.address.text().strip() in self._stored:
            self.address.clear()  # what was refused stays, with its cause
        if is_new:
            self.password.clear()
        self._show_buttons()

    # -- private ----------------------------------------------------------------------------------------------------

    def _addresses(self) -> QWidget:
        self.list = QListWidget()
        self.list.setObjectName("settingsAddresses")
        self.list.setAccessibleName("Addresses of the next start")
        self.list.setFont(font("body", number=True))
        self.list.setFixedHeight(92)
        self.list.setMinimumWidth(520)
        self.list.currentRowChanged.connect(self._show_buttons)
        self.address = field("settingsAddress", "Address, dtc://HOST:PORT", 330)
        self.address.setMaxLength(200)
        self.address.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.address.setPlaceholderText("dtc://127.0.0.1:11099")
        self.address.textEdited.connect(self._show_buttons)
        self.address.returnPressed.connect(self._add)
        self.add = button("settingsAddressAdd", "Add", "Add this address")
        self.change = button("settingsAddressChange", "Replace chosen", "Put this address in place of the chosen one")
        self.simulator = button("settingsAddressSim", "Add simulator", "Add the built-in simulator")
        self.test = button("settingsAddressTest", "Test connection", "Test the address typed, or else the chosen one")
        self.drop = button("settingsAddressDrop", "Remove", "Remove the chosen address")
        self.add.clicked.connect(self._add)
        self.change.clicked.connect(self._change)
        self.simulator.clicked.connect(partial(self._put, SIMULATOR))
        self.test.clicked.connect(self._test)
        self.drop.clicked.connect(self._remove)
        self.result = TextLabel("settingsAddressResult", "label")
        self.when = TextLabel("settingsAddressWhen", "label")
        whole = QWidget()
        grid = QGridLayout(whole)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.list, 0, 0, 1, 4)
        grid.addWidget(self.address, 1, 0, 1, 2)
        grid.addWidget(self.add, 1, 2)
        grid.addWidget(self.change, 1, 3)
        buttons = QHBoxLayout()
        for made in (self.test, self.drop, self.simulator):
            buttons.addWidget(made)
        buttons.addStretch(1)
        grid.addLayout(buttons, 2, 0, 1, 4)
        grid.addWidget(self.result, 3, 0, 1, 4)
        grid.addWidget(self.when, 4, 0, 1, 4)
        return whole

    def _password(self) -> QWidget:
        self.password = field("settingsPassword", "Password of the chosen address", 200)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaxLength(100)
        self.password.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.password.textEdited.connect(self._show_buttons)
        self.keep = button("settingsPasswordKeep", "Keep in keyring", "Keep the password in the keyring")
        self.forget = button("settingsPasswordForget", "Forget", "Take the password out of the keyring")
        self.keep.clicked.connect(self._keep)
        self.forget.clicked.connect(lambda: self.intent.emit(KeepPassword(self._chosen(), "")))
        self.kept = TextLabel("settingsPasswordKept", "label")
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        for part in (self.password, self.keep, self.forget):
            line.addWidget(part)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addWidget(self.kept)
        return whole

    def _show_lines(self, seen: SettingsState, is_new: bool) -> None:
        for name in sorted(seen.snapshot.connections.keys() - self.lines.keys()):
            made = ConnectionRow(self, name)
            row = Row(name, made, also="line reconnect desk telephone")
            self.rows.append(row)
            self.layout_.insertWidget(1 + len(self.lines), row)
            self.lines[name] = made, row
        for name, (shown, row) in self.lines.items():
            status = seen.snapshot.connections.get(name)
            if status is None:
                continue
            ready = status.link is Link.READY
            row.say(_line_words(status, seen.facts.in_use.get(name, "")), "ink2" if ready else "caution")
            shown.again.setEnabled(not ready)
            explain(shown.again, "The line is ready." if ready else "")
            shown.phone.show_text(seen.snapshot.desk.get(name, ""), is_new=is_new)

    def _chosen(self) -> str:
        at = self.list.currentRow()
        return self._stored[at] if 0 <= at < len(self._stored) else ""

    def _meant(self) -> str:
        return self.address.text().strip() or self._chosen()

    def _show_buttons(self) -> None:
        typed, chosen, meant = self.address.text().strip(), self._chosen(), self._meant()
        wrong = "" if typed.startswith(SCHEME) else f"Type an address such as {SCHEME}127.0.0.1:11099."
        twice = "It is in the list already." if typed in self._stored else ""
        _let(self.add, wrong or twice)
        _let(self.change, wrong or twice or ("" if chosen else CHOOSE))
        _let(self.drop, "" if chosen else CHOOSE)
        _let(self.simulator, "" if SIMULATOR not in self._stored else "It is in the list already.")
        trial = self.seen.facts.trials.get(meant)
        running = "It is being tested." if trial is not None and trial.ok is None else ""
        untested = "The built-in simulator is started and watched by this program." if meant == SIMULATOR else ""
        _let(self.test, untested or running or ("" if meant.startswith(SCHEME) else wrong))
        _show_trial(self.result, trial)
        user = "" if "@" in chosen else "The chosen address has no user, so no password: dtc://USER@HOST:PORT."
        user = user if chosen else CHOOSE
        _let(self.keep, user or ("" if self.password.text() else "Type the password first."))
        _let(self.forget, user)
        self.password.setEnabled(not user)
        explain(self.password, user)
        _show_trial(self.kept, self.seen.facts.passwords.get(chosen))

    def _add(self) -> None:
        if self.add.isEnabled():
            self._put(self.address.text().strip())

    def _put(self, address: str) -> None:
        self.intent.emit(ChangeAddresses((*self._stored, address)))

    def _change(self) -> None:
        wanted = list(self._stored)
        wanted[self.list.currentRow()] = self.address.text().strip()
        self.intent.emit(ChangeAddresses(tuple(wanted)))

    def _remove(self) -> None:
        chosen = self._chosen()
        self.intent.emit(ChangeAddresses(tuple(one for one in self._stored if one != chosen)))

    def _test(self) -> None:
        self.intent.emit(TryConnection(self._meant()))

    def _keep(self) -> None:
        self.intent.emit(KeepPassword(self._chosen(), self.password.text()))
        self.password.clear()
        self._show_buttons()


def _let(control: QWidget, why_not: str) -> None:
    control.setEnabled(not why_not)
    explain(control, why_not)


def _show_trial(label: TextLabel, trial: Trial | None) -> None:
    label.setVisible(trial is not None)
    if trial is not None:
        label.say(f"{f.clock(trial.at, None)}: {trial.text}", TONES[trial.ok])


def _words(address: str) -> str:
    return "Built-in simulator" if address == SIMULATOR else address


def _line_words(status: ConnectionStatus, address: str) -> str:
    parts = [
        _words(address),
        status.link.value.lower(),
        f"since {f.clock(status.since, None)}",
        status.server,
        status.text,
    ]
    return " · ".join(part for part in parts if part)
