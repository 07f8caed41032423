"""Settings: the limits an account is guarded by. They are taken together, and what is tightened counts at once."""

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.model.guard_changes import still_binding
from core.model.guard_day import in_chicago, next_reset
from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules
from core.model.guard_texts import rules_from_texts, rules_to_texts
from core.model.guards import RUNS_ONLY_HERE
from core.model.scope import AccountKey
from core.settings_commands import ChangeGuards
from panels.settings.checks import anything
from panels.settings.form import FormFoot, show_all, typed
from panels.settings.page import Page, SettingsState, choice_of, show_choice
from panels.settings.typed_field import TypedField
from panels.widgets.controls import Choice, field
from panels.widgets.labels import TextLabel

WORD = "FLATTEN"
ACTIONS = {
    GuardAction.WARN: "Warn",
    GuardAction.BLOCK: "Block entries",
    GuardAction.FLATTEN: "Flatten and lock",
}
SHAPES = {FloorShape.STATIC: "static", FloorShape.END_OF_DAY: "end of day", FloorShape.INTRADAY: "intraday"}
# Of each guard: its title, its fields as the settings name them with what stands before each, and a word on it.
ROWS: dict[Guard, tuple[str, tuple[tuple[str, str], ...], str]] = {
    Guard.DAY_LOSS: ("Day loss", (("day_loss", "money"),), "What a day may lose, open positions included."),
    Guard.PROFIT_FLOOR: (
        "Profit floor",
        (("profit_floor", "give back"), ("profit_floor_from", "from")),
        "What of the day's profit may be given back, once the day was ahead by so much.",
    ),
    Guard.PROP_FLOOR: (
        "Prop floor",
        (
            ("prop_floor", "distance"),
            ("prop_floor_start", "start"),
            ("prop_floor_peak", "peak"),
            ("prop_floor_freeze", "freeze"),
        ),
        "The equity a firm wants kept: so much below what it hangs from; it stops rising at the freeze.",
    ),
    Guard.TRADES: ("Trades a day", (("trades", "count"),), "The last one may be added to and closed."),
    Guard.SIZE: ("Contracts", (("size", "most"),), "Over all symbols, with every working entry filled."),
    Guard.FLAT_BY: ("Flat by", (("flat_by", "Chicago"),), "From this time nothing should be open, such as 15:10."),
    Guard.NEWS: ("News windows", (("news", "UTC"),), "2026-11-20T13:25Z/2026-11-20T13:35Z, more after a comma."),
}
WIDTHS = {"news": 280, "trades": 64, "size": 64, "flat_by": 64}
NO_ACCOUNT = "No account yet: no connection has named one."


class RiskPage(Page):
    """The limits of one account at a time."""

    title = "Risk & prop rules"
    also = "limits guards day loss drawdown lock"

    def build(self) -> None:
        """Put the rows in place."""
        self.key: AccountKey | None = None
        self._keys: list[AccountKey] = []
        self.account = Choice("settingsRiskAccount", "Limits of the account", (), 300)
        self.account.activated.connect(lambda at: self.open_account(self._keys[at]))
        self.row("Account", self.account)
        self.text(RUNS_ONLY_HERE, "caution")
        self.fields: dict[str, TypedField] = {}
        self.thens: dict[Guard, Choice] = {}
        self.notes = {guard: self._guard(guard) for guard in Guard}
        self.word = field("settingsRiskWord", f"Type {WORD} to let a limit close everything", 110)
        self.word.textEdited.connect(self._touch)
        self.word_row = self.row(
            f"Type {WORD}", self.word, "A limit that flattens closes every position at the market."
        )
        self.foot = FormFoot("settingsRisk", "Apply limits", self._apply, self._undo)
        self.part(self.foot)

    def open_account(self, key: AccountKey) -> None:
        """Show the limits of an account; what was typed for another is dropped."""
        self.key = key
        self._show_accounts()
        self._undo()

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show what is wanted, and what binds today beside it."""
        self._show_accounts()
        if is_new:
            self._undo()
            return
        show_all(self.fields, self._texts())
        self._show_notes()
        self._show_foot()

    def search(self, words: Iterable[str]) -> bool:
        """Show the rows that say these words; the word that is typed only where it is needed."""
        found = super().search(words)
        self._show_foot()
        return found

    # -- private ----------------------------------------------------------------------------------------------------

    def _guard(self, guard: Guard) -> TextLabel:
        title, names, note = ROWS[guard]
        control = QWidget()
        control.setAccessibleName(title)
        line, causes = QHBoxLayout(), QVBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for name, before in names:
            label = TextLabel(step="label", wrap=False)
            label.say(before, "ink3")
            made = TypedField(
                f"settingsGuard_{name}", f"{title}, {before}", WIDTHS.get(name, 72), anything, in_form=True
            )
            made.textEdited.connect(lambda text: self._show_foot())
            self.fields[name] = made
            line.addWidget(label)
            line.addWidget(made)
            causes.addWidget(made.cause)
        if guard is Guard.PROP_FLOOR:
            self.shape = choice_of("settingsGuard_prop_floor_shape", "Prop floor, shape", SHAPES, self._touch, 104)
        self.thens[guard] = choice_of(
            f"settingsGuard_{names[0][0]}_then", f"{title}, what follows", ACTIONS, self._touch, 136
        )
        whole = QVBoxLayout(control)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        if guard is Guard.PROP_FLOOR:  # four figures and two choices do not fit beside each other
            below = QHBoxLayout()
            below.setSpacing(6)
            below.addWidget(self.shape)
            below.addWidget(self.thens[guard])
            below.addStretch(1)
            whole.addLayout(line)
            whole.addLayout(below)
        else:
            line.addWidget(self.thens[guard])
            whole.addLayout(line)
        whole.addLayout(causes)
        row = self.row(title, control, note, also="limit guard warn block flatten")
        binding = TextLabel(f"settingsGuard_{names[0][0]}_binding", "label")
        binding.hide()
        row.beside.addWidget(binding)
        return binding

    def _show_accounts(self) -> None:
        keys = sorted({*self.seen.snapshot.accounts, *self.seen.snapshot.settings.guards})
        if self.key is None or self.key not in keys:
            selected = self.seen.snapshot.selected_account
            self.key = selected if selected in keys else keys[0] if keys else None
        if keys != self._keys:
            self._keys = keys
            with QSignalBlocker(self.account):
                self.account.clear()
                self.account.addItems([f"{key.account} on {key.connection}" for key in keys])
        if self.key is not None:
            self.account.setCurrentIndex(keys.index(self.key))
        self.account.setEnabled(bool(keys))

    def _wanted(self) -> GuardRules:
        return GuardRules() if self.key is None else self.seen.snapshot.settings.guards.get(self.key, GuardRules())

    def _texts(self) -> dict[str, str]:
        texts = rules_to_texts(self._wanted())
        return {name: ", ".join(text) if isinstance(text, list) else text for name, text in texts.items()}

    def _undo(self) -> None:
        rules = self._wanted()
        show_all(self.fields, self._texts(), is_new=True)
        show_choice(self.shape, SHAPES, FloorShape.INTRADAY if rules.prop_floor is None else rules.prop_floor.shape)
        for guard, choice in self.thens.items():
            show_choice(choice, ACTIONS, rules.action(guard))
        self.word.clear()
        self._show_notes()
        self._show_foot()

    def _touch(self, value: object) -> None:
        self._show_foot()

    def _read(self) -> tuple[GuardRules, str]:
        """Return the rules as typed, and why they cannot be; the fields say it too."""
        table: dict[str, object] = dict(typed(self.fields))
        if "news" in table:
            table["news"] = [one.strip() for one in str(table["news"]).split(",") if one.strip()]
        if any(name.startswith("prop_floor") for name in table):
            table["prop_floor_shape"] = list(SHAPES)[self.shape.currentIndex()].value
        before = self._wanted()
        for guard, choice in self.thens.items():
            action = list(ACTIONS)[choice.currentIndex()]
            if guard in before.actions or action is not GuardAction.BLOCK:
                table[f"{guard.value.replace(' ', '_')}_then"] = action.value
        wrong = ""
        try:
            rules = rules_from_texts(table)
        except ValueError as error:
            rules, wrong = before, str(error)
        for name, made in self.fields.items():
            mine = wrong.startswith(f"{name} ") or (name == "news" and wrong.startswith("news "))
            made.refuse(_sentence(wrong) if mine else "")
        return rules, _sentence(wrong)

    def _show_foot(self) -> None:
        rules, wrong = self._read()
        before = self._wanted()
        touched = bool(wrong) or rules != before
        new = [one for one in Guard if _flattens(rules, one) and not _flattens(before, one)]
        self.word_row.setVisible(bool(new))
        if new and not wrong and self.word.text().strip() != WORD:
            wrong = f"Type {WORD}: {', '.join(ROWS[one][0].lower() for one in new)} would close everything."
        if self.key is None:
            wrong = NO_ACCOUNT
        reset = in_chicago(next_reset(self.seen.now))
        meaning = f"What is tighter counts at once, and stays until {reset}; what is looser counts from then."
        self.foot.show_form(touched, wrong, meaning)

    def _show_notes(self) -> None:
        guards = None if self.key is None else self.seen.snapshot.guards.get(self.key)
        held = {} if guards is None else still_binding(guards.rules)
        for guard, note in self.notes.items():
            note.setVisible(guard in held)
            if guards is not None and guard in held:
                wanted = ", ".join(text for name, text in self._texts().items() if name == ROWS[guard][1][0][0])
                from_then = f"{wanted or 'no limit'} from {in_chicago(guards.resets_at)}"
                note.say(f"Today {' and '.join(held[guard])} binds; {from_then}.", "caution")

    def _apply(self) -> None:
        rules, wrong = self._read()
        if not wrong and self.key is not None:
            self.intent.emit(ChangeGuards(self.key, rules))
            self.word.clear()


def _flattens(rules: GuardRules, guard: Guard) -> bool:
    limited = any(name in rules_to_texts(rules) for name, _ in ROWS[guard][1])
    return limited and rules.action(guard) is GuardAction.FLATTEN


def _sentence(wrong: str) -> str:
    """Return a cause as a person reads it: "Day loss is 'abc', expected a number above 0."."""
    titles = {
        name: title if len(names) == 1 else f"{title}, {before}"
        for title, names, _ in ROWS.values()
        for name, before in names
    }
    for name in sorted(titles, key=len, reverse=True):
        wrong = wrong.replace(f"{name} ", f"{titles[name]} ").replace(f"{name},", f"{titles[name]},")
    return f"{wrong[0].upper()}{wrong[1:]}." if wrong else ""
