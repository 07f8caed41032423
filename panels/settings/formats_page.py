"""Settings: the zone times are shown in, and what the open P&L is marked at."""

from core.preferences import PnlMark, ZoneChoice, duration_text, read_duration
from panels.settings.page import Page, SettingsState, choice_of, show_choice
from panels.settings.typed_field import TypedField

ZONES = {
    ZoneChoice.EXCHANGE: "Of the symbol's exchange",
    ZoneChoice.LOCAL: "Of this computer",
    ZoneChoice.UTC: "UTC",
}
MARKS = {
    PnlMark.GROSS: "Gross, at the last trade",
    PnlMark.NET: "Net of commissions, at the last trade",
    PnlMark.EXIT: "At the quote it would be closed at",
}
HEAT = ("Heat is coloured after", "Heat has a border after", "Heat is a danger after")


class FormatsPage(Page):
    """Zone and marking; prices follow the instrument, and cannot be chosen."""

    title = "Formats & time"
    also = "numbers decimals"

    def build(self) -> None:
        """Put the rows in place."""
        self.zone = choice_of("settingsZone", "Times are shown in the zone", ZONES, lambda it: self.prefer(zone=it))
        self.mark = choice_of("settingsPnlMark", "Open P&L is marked", MARKS, lambda it: self.prefer(pnl_mark=it), 300)
        self.row("Times are shown in the zone", self.zone, "Everything is stored in UTC.", "time clock timezone")
        self.row(
            "Open P&L",
            self.mark,
            "Guards and statistics do not follow this: they go by the last trade.",
            "profit loss gross net bid ask",
        )
        self.heat = [
            TypedField(f"settingsHeat_{name}", f"Heat, {name} after", 64, _duration)
            for name in ("colour", "border", "danger")
        ]
        for field, title in zip(self.heat, HEAT, strict=True):
            field.taken.connect(lambda text: self._take_heat())
            self.row(title, field, also="heat timer under water caution pulse")
        self.text(
            "Prices are written as the exchange writes them, exact to the tick; figures of money have two decimals.",
            "ink3",
            "label",
        )

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the preferences."""
        show_choice(self.zone, ZONES, seen.preferences.zone)
        show_choice(self.mark, MARKS, seen.preferences.pnl_mark)
        for field, seconds in zip(self.heat, seen.preferences.heat_s, strict=True):
            field.show_text(duration_text(seconds), is_new=is_new)

    def _take_heat(self) -> None:
        """Take the three times together: each is no earlier than the one before."""
        if all(field.is_right for field in self.heat):
            first, second, third = (read_duration(field.value) for field in self.heat)
            try:
                self.prefer(heat_s=(first, second, third))
            except ValueError:
                self.heat[0].refuse("Each is no earlier than the one before it.")
                return
            self.heat[0].refuse("")


def _duration(text: str) -> str:
    try:
        read_duration(text)
    except ValueError:
        return f"{text[:20]!r} is not a time such as 4:30."
    return ""
