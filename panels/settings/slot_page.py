"""Settings: a page whose content another part of the window makes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from panels.settings.page import Page


class SlotPage(Page):
    """Empty until it is filled."""

    content: QWidget | None = None

    def fill(self, content: QWidget) -> None:
        """Put the content in; once."""
        self.content = content
        self.layout_.takeAt(self.layout_.count() - 1)
        self.layout_.addWidget(content, 1)
        content.show()

    def focus_first(self) -> None:
        """Give what fills it the keyboard."""
        if self.content is not None:
            self.content.setFocus(Qt.FocusReason.TabFocusReason)


class HotkeysSlot(SlotPage):
    """Every action with its key."""

    title = "Hotkeys"
    also = "keys shortcuts keyboard bind conflict test mode"
