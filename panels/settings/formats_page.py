"""Settings: the zone times are shown in, and what the open P&L is marked at."""

from core.preferences import PnlMark, ZoneChoice
from panels.settings.page import Page, SettingsState, choice_of, show_choice

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
        self.text(
            "Prices are written as the exchange writes them, exact to the tick; figures of money have two decimals.",
            "ink3",
            "label",
        )

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the preferences."""
        show_choice(self.zone, ZONES, seen.preferences.zone)
        show_choice(self.mark, MARKS, seen.preferences.pnl_mark)
