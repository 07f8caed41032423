"""Settings: what is asked before it happens, as far as that may be chosen; most of it may not."""

from core.binding_settings import LEAST_ARM_MINUTES, MOST_ARM_MINUTES
from core.settings_commands import SetArmTime, SetAskInSim
from panels.settings.checks import whole
from panels.settings.page import Page, SettingsState, show_tick
from panels.settings.typed_field import TypedField
from panels.widgets.controls import Tick
from panels.widgets.labels import TextLabel

# What is fixed: the action, then SIM, then EVAL and LIVE.
FIXED = (
    ("Order beyond a soft limit", "asked", "the quantity is typed"),
    ("Order beyond a hard limit, a lock or a floor", "refused", "refused"),
    ("Close, reduce, tighten a stop, cancel an entry", "at once", "at once"),
    ("Flatten the account", "at once", "held or asked"),
    ("Reverse, widen a stop beyond the planned risk", "at once", "asked"),
    ("Cancel the last protective stop", "at once", "asked"),
    ("Lock trading for the session", "asked", "LOCK is typed"),
    ("Quit with something open", "asked", "asked"),
)


class ConfirmationsPage(Page):
    """Two choices, and what is fixed."""

    title = "Confirmations"
    also = "ask dialog question arm"

    def build(self) -> None:
        """Put the rows in place."""
        self.ask = Tick("settingsAskInSim", "Ask before entries in SIM too", "As if the account were LIVE.")
        self.ask.toggled.connect(self._ask_in_sim)
        check = whole(LEAST_ARM_MINUTES, MOST_ARM_MINUTES)
        self.minutes = TypedField("settingsArmMinutes", "Disarm after minutes without a touch", 72, check)
        self.minutes.taken.connect(lambda text: self.intent.emit(SetArmTime(int(text))))
        self.row("Entries in SIM", self.ask, "To practise with the questions of a real account.", "simulator")
        self.row(
            "Disarm after, minutes",
            self.minutes,
            f"Without a touch; {LEAST_ARM_MINUTES} to {MOST_ARM_MINUTES}. Counts from the next arming or touch.",
            "arming",
        )
        self.text("One-click, entries without a question, is chosen for each account: Accounts & modes.", "ink2")
        self.heading("What is fixed")
        for action, in_sim, elsewhere in FIXED:
            value = TextLabel(wrap=False)
            value.say(f"SIM: {in_sim} · EVAL and LIVE: {elsewhere}")
            self.row(action, value)

    def _ask_in_sim(self, on: bool) -> None:
        self.intent.emit(SetAskInSim(on))
        show_tick(self.ask, self.seen.snapshot.settings.ask_in_sim)  # what is, until the engine says otherwise

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the choices."""
        show_tick(self.ask, seen.snapshot.settings.ask_in_sim)
        self.minutes.show_text(str(seen.snapshot.settings.arm_minutes), is_new=is_new)
