"""Settings: what is heard, when, and what also goes to the phone or the mail."""

from datetime import time
from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from core.preferences import LOUDEST, SoundPreferences
from panels.settings.checks import printable, wall_time, whole
from panels.settings.notice_address import NoticeAddress
from panels.settings.page import Page, SettingsState, show_tick
from panels.settings.typed_field import TypedField
from panels.widgets.controls import Tick, button
from panels.wishes import PlaySound

SOUNDS = {
    "fill": "Fill",
    "target": "Target",
    "stop": "Stop",
    "reject": "Order refused",
    "stale": "Prices stale",
    "mismatch": "Position differs from the broker",
    "limit-75": "Three quarters of a limit",
    "limit-hit": "A limit is reached",
    "alert": "Your alerts",
    "alarm": "Alarm: something is unprotected",
}
# None goes out without the first.
NOTICES = {
    "alarm": "On: alarms always",
    "alert": "Your alerts",
    "reject": "Order refused",
    "line": "A line is lost",
    "limit-75": "Three quarters of a limit",
    "limit-hit": "A limit is reached",
    "fill": "Fills",
}
OF_ONE_END = "Quiet hours have a beginning and an end."


class SoundsPage(Page):
    """Volume, mutes, quiet hours, device, notices."""

    title = "Sounds"
    also = "audio mute quiet hours phone mail notices"

    def build(self) -> None:
        """Put the rows in place."""
        self.volume = TypedField("settingsVolume", "Volume, 0 to 100", 72, whole(0, LOUDEST))
        self.volume.taken.connect(lambda text: self._sound(volume=int(text)))
        self.row("Volume", self.volume, f"0 is silence, {LOUDEST} is all there is. Nothing is told by sound alone.")
        self.begin = TypedField("settingsQuietFrom", "Quiet from", 72, wall_time)
        self.end = TypedField("settingsQuietTo", "Quiet to", 72, wall_time)
        for made in (self.begin, self.end):
            made.setPlaceholderText("22:00" if made is self.begin else "07:00")
            made.taken.connect(lambda text: self._quiet())
        self.row("Quiet from", self.begin, "On this computer's clock; empty is never.", "hours night")
        self.row("Quiet to", self.end, "An alarm in LIVE is heard all the same.", "hours night")
        self.device = TypedField("settingsSoundDevice", "Output device", 240, printable, number=False)
        self.device.setPlaceholderText("the system's")
        self.device.taken.connect(lambda text: self._sound(device=text))
        self.row("Output device", self.device, "As the system names it; empty is the system's own.", "speaker")
        self.heard: dict[str, Tick] = {}
        self.row("What is heard", self._sounds(), also=" ".join(SOUNDS.values()), is_wide=True)
        self.noticed: dict[str, Tick] = {}
        self.row(
            "To the phone or mail",
            self._notices(),
            "While nobody touched the window for five minutes, or it is minimised.",
            also="notice push away",
        )
        self.address = NoticeAddress()
        self.address.intent.connect(self.intent)
        self.row("Their address", self.address, also="notice push away apprise secret", is_wide=True)

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the preferences."""
        self.address.say(seen.facts.notice)
        sounds = seen.preferences.sounds
        self.volume.show_text(str(sounds.volume), is_new=is_new)
        self.device.show_text(sounds.device, is_new=is_new)
        for field, at in ((self.begin, sounds.quiet_from), (self.end, sounds.quiet_to)):
            field.show_text("" if at is None else f"{at:%H:%M}", is_new=is_new)
        for name, tick in self.heard.items():
            show_tick(tick, name not in sounds.muted)
        for name, tick in self.noticed.items():
            show_tick(tick, name in seen.preferences.notices)

    def _sounds(self) -> QWidget:
        whole_, grid = _grid()
        for at, (name, words) in enumerate(SOUNDS.items()):
            tick = Tick(f"settingsHear_{name}", words, f"{words} is heard.")
            tick.toggled.connect(partial(self._mute, name))
            play = button(f"settingsPlay_{name}", "Play", f"Play: {words}")
            play.clicked.connect(partial(self._play, name))
            grid.addWidget(tick, at % 5, at // 5 * 2)
            grid.addWidget(play, at % 5, at // 5 * 2 + 1)
            self.heard[name] = tick
        return whole_

    def _notices(self) -> QWidget:
        whole_, grid = _grid()
        for at, (name, words) in enumerate(NOTICES.items()):
            tick = Tick(f"settingsNotice_{name}", words, f"{words}: also to the phone or the mail.")
            tick.toggled.connect(partial(self._notice, name))
            grid.addWidget(tick, at % 4, at // 4)
            self.noticed[name] = tick
        return whole_

    def _sound(self, **changes: object) -> None:
        held = self.seen.preferences.sounds
        values = {name: getattr(held, name) for name in SoundPreferences.__dataclass_fields__}
        self.prefer(sounds=SoundPreferences(**{**values, **changes}))

    def _mute(self, name: str, is_heard: bool) -> None:
        muted = self.seen.preferences.sounds.muted
        self._sound(muted=muted - {name} if is_heard else muted | {name})

    def _notice(self, name: str, is_wanted: bool) -> None:
        held = self.seen.preferences.notices
        self.prefer(notices=held | {name} if is_wanted else held - {name})

    def _play(self, name: str) -> None:
        self.intent.emit(PlaySound(name))

    def _quiet(self) -> None:
        """Take both times together: one alone waits for the other."""
        if not (self.begin.is_right and self.end.is_right):
            return
        ends = [None if not one.value else time.fromisoformat(one.value) for one in (self.begin, self.end)]
        begin, end = ends
        lonely = self.end if end is None else self.begin
        if (begin is None) != (end is None):
            lonely.refuse(OF_ONE_END)
        elif begin is not None and begin == end:
            self.end.refuse("They end as they begin.")
        else:
            self.begin.refuse("")
            self.end.refuse("")
            self._sound(quiet_from=begin, quiet_to=end)


def _grid() -> tuple[QWidget, QGridLayout]:
    whole_ = QWidget()
    grid = QGridLayout(whole_)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    return whole_, grid
