"""Settings: the way to the state of the program, and what to send to somebody who helps."""

from panels.diagnostics_facts import OpenDiagnostics
from panels.settings.page import Page
from panels.widgets.controls import button


class DiagnosticsPage(Page):
    """A door: the diagnostics have a window of their own."""

    title = "Diagnostics"
    also = "log bundle crash report events debug threads version"

    def build(self) -> None:
        """Put the way in place."""
        self.open = button("settingsDiagnostics", "Open diagnostics", "Open diagnostics")
        self.open.clicked.connect(lambda: self.intent.emit(OpenDiagnostics()))
        self.row(
            "State of the program",
            self.open,
            "Lines, threads, database, versions and the last crash; a bundle of the log with what is secret masked. "
            "Ctrl+Shift+D too.",
        )
        self.text("What happened, line by line and searchable, is in the Log panel (Ctrl+0).")
