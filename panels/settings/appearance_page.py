"""Settings: how the window looks."""

from core.preferences import LEAST_ZOOM, MOST_ZOOM, ContrastChoice, MotionChoice, PaletteChoice, ThemeChoice
from panels.settings.checks import whole
from panels.settings.page import Page, SettingsState, choice_of, show_choice, show_tick
from panels.settings.typed_field import TypedField
from panels.widgets.controls import Tick

THEMES = {ThemeChoice.DARK: "Dark", ThemeChoice.LIGHT: "Light", ThemeChoice.SYSTEM: "As the system"}
PALETTES = {
    PaletteChoice.STANDARD: "Green up, red down",
    PaletteChoice.BLUE_ORANGE: "Blue up, orange down",
    PaletteChoice.RED_UP: "Red up, green down",
}
CONTRASTS = {
    ContrastChoice.SYSTEM: "As the system",
    ContrastChoice.ON: "Always high contrast",
    ContrastChoice.OFF: "Never",
}
MOTIONS = {MotionChoice.SYSTEM: "As the system", MotionChoice.REDUCED: "Reduced", MotionChoice.FULL: "All"}


class AppearancePage(Page):
    """Theme, palette, zoom, contrast, motion, layout."""

    title = "Appearance"
    also = "look colours"

    def build(self) -> None:
        """Put the rows in place."""
        self.theme = choice_of("settingsTheme", "Theme", THEMES, lambda it: self.prefer(theme=it))
        self.palette_ = choice_of("settingsPalette", "Palette", PALETTES, lambda it: self.prefer(palette=it))
        self.zoom = TypedField("settingsZoom", "Zoom, percent", 72, whole(LEAST_ZOOM, MOST_ZOOM))
        self.zoom.taken.connect(lambda text: self.prefer(zoom_percent=int(text)))
        self.contrast = choice_of("settingsContrast", "High contrast", CONTRASTS, lambda it: self.prefer(contrast=it))
        self.motion = choice_of("settingsMotion", "Motion", MOTIONS, lambda it: self.prefer(motion=it))
        self.locked = Tick("settingsLayoutLocked", "Lock the layout", "Panels can then not be moved or closed.")
        self.locked.toggled.connect(lambda on: self.prefer(layout_locked=on))
        self.row("Theme", self.theme, also="dark light night day")
        self.row("Palette", self.palette_, "A sign or an arrow always stands beside the colour.", "colour blind")
        self.row("Zoom, percent", self.zoom, f"{LEAST_ZOOM} to {MOST_ZOOM}; Ctrl+= and Ctrl+− too.", "scale size font")
        self.row("High contrast", self.contrast, also="accessibility")
        self.row("Motion", self.motion, "Reduced: nothing pulses or slides.", "animation accessibility")
        self.row("Layout", self.locked, also="dock move panels")

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the preferences."""
        wanted = seen.preferences
        show_choice(self.theme, THEMES, wanted.theme)
        show_choice(self.palette_, PALETTES, wanted.palette)
        self.zoom.show_text(str(wanted.zoom_percent), is_new=is_new)
        show_choice(self.contrast, CONTRASTS, wanted.contrast)
        show_choice(self.motion, MOTIONS, wanted.motion)
        show_tick(self.locked, wanted.layout_locked)
