"""Settings: what an order is held against, the exits it may begin with, and what a fill costs."""

from panels.settings.brackets_box import BracketsBox
from panels.settings.commissions_box import CommissionsBox
from panels.settings.limits_box import LimitsBox
from panels.settings.page import Page, SettingsState


class OrdersPage(Page):
    """Limits of an order, brackets, commissions."""

    title = "Order defaults & brackets"
    also = "size quantity templates fees commission"

    def build(self) -> None:
        """Put the three parts in place."""
        self.brackets = BracketsBox()
        self.limits = LimitsBox()
        self.commissions = CommissionsBox()
        self.row("Bracket templates", self.brackets, also="stop target trail breakeven exits template", is_wide=True)
        self.row("Limits of an order", self.limits, also="fat finger soft hard size distance refuse ask", is_wide=True)
        self.row("Commissions", self.commissions, "Per unit and side.", also="fees costs rates", is_wide=True)
        for part in (self.brackets, self.limits, self.commissions):
            part.intent.connect(self.intent)

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show all of it."""
        for part in (self.brackets, self.limits, self.commissions):
            part.show_state(seen, is_new=is_new)
