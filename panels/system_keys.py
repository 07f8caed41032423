"""Keys that systems and text fields use themselves: what a key for an action may be in the way of. Pure facts."""

from dataclasses import dataclass

_WINDOWS, _MAC, _X = ("win32",), ("darwin",), ("linux", "freebsd", "openbsd")
_ALL = (*_WINDOWS, *_MAC, *_X)


@dataclass(frozen=True, slots=True)
class SystemKey:
    """One key somebody else has.

    Attributes:
        key: in Qt's portable form, where Ctrl is the Cmd key of a Mac and Meta its Control key.
        platforms: beginnings of `sys.platform` it holds for.
        is_kept: it never reaches a program, so no action can have it.
    """

    key: str
    text: str
    platforms: tuple[str, ...]
    is_kept: bool = False


def _kept(platforms: tuple[str, ...], text: str, *keys: str) -> tuple[SystemKey, ...]:
    return tuple(SystemKey(key, text, platforms, is_kept=True) for key in keys)


def _used(platforms: tuple[str, ...], text: str, *keys: str) -> tuple[SystemKey, ...]:
    return tuple(SystemKey(key, text, platforms) for key in keys)


SYSTEM_KEYS: tuple[SystemKey, ...] = (
    *_used(_ALL, "copies, cuts or pastes in a field", "Ctrl+C", "Ctrl+X", "Ctrl+V", "Ctrl+Ins", "Shift+Ins"),
    *_used(_ALL, "undoes or repeats in a field", "Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z"),
    *_used(_ALL, "marks everything in a field or table", "Ctrl+A"),
    *_used(_ALL, "moves by a word or to an end in a field", "Ctrl+Left", "Ctrl+Right", "Ctrl+Home", "Ctrl+End"),
    *_used(_ALL, "marks by words in a field", "Ctrl+Shift+Left", "Ctrl+Shift+Right"),
    *_used(_ALL, "deletes a word in a field", "Ctrl+Backspace", "Ctrl+Del"),
    *_used(_ALL, "opens the menu of what has the keyboard", "Menu", "Shift+F10"),
    *_used(_ALL, "changes a cell of a table", "F2"),
    *_used(_ALL, "moves between the tabs", "Ctrl+Tab", "Ctrl+Shift+Tab", "Ctrl+PgUp", "Ctrl+PgDown"),
    *_kept(_WINDOWS, "the system closes the window with it", "Alt+F4"),
    *_kept(_WINDOWS, "the system changes windows with it", "Alt+Tab", "Alt+Shift+Tab", "Alt+Esc", "Ctrl+Esc"),
    *_kept(_WINDOWS, "the system keeps it", "Ctrl+Alt+Del", "Ctrl+Shift+Esc", "Alt+Space"),
    *_kept(_WINDOWS, "the system locks, shows the desktop or searches with it", "Meta+L", "Meta+D", "Meta+S", "Meta+E"),
    *_used(_WINDOWS, "the system keeps most keys with the Windows key", "Meta+R", "Meta+X", "Meta+V", "Meta+Tab"),
    *_used(_WINDOWS, "it types a sign where AltGr does", "Ctrl+Alt+Q", "Ctrl+Alt+E", "Ctrl+Alt+7", "Ctrl+Alt+0"),
    *_kept(_MAC, "the system ends the program with it", "Ctrl+Q"),
    *_kept(_MAC, "the system hides or puts away the window with it", "Ctrl+H", "Ctrl+M"),
    *_kept(_MAC, "the system changes programs with it", "Ctrl+Tab", "Ctrl+Shift+Tab"),
    *_kept(_MAC, "the system searches with it", "Ctrl+Space"),
    *_kept(_MAC, "the system takes a picture with it", "Ctrl+Shift+3", "Ctrl+Shift+4", "Ctrl+Shift+5"),
    *_kept(_MAC, "the system ends programs with it", "Ctrl+Alt+Esc"),
    *_used(_MAC, "the system closes a window with it", "Ctrl+W"),
    *_used(_MAC, "the system may change desktops with it", "Meta+Left", "Meta+Right", "Meta+Up", "Meta+Down"),
    *_kept(_X, "the desktop closes the window with it", "Alt+F4"),
    *_kept(_X, "the desktop changes windows with it", "Alt+Tab", "Alt+Shift+Tab", "Alt+Esc"),
    *_kept(_X, "the desktop keeps it", "Ctrl+Alt+Del", "Ctrl+Alt+L", "Alt+F1", "Alt+F2", "Alt+Space"),
    *_kept(_X, "it leaves the desktop for a console", *(f"Ctrl+Alt+F{number}" for number in range(1, 13))),
    *_used(_X, "the desktop may change workspaces with it", *(f"Ctrl+Alt+{way}" for way in ("Left", "Right", "Up"))),
    *_used(_X, "it deletes to the end of a field", "Ctrl+K"),
    *_used(_X, "it deletes what stands in a field", "Ctrl+U"),
    *_used(_X, "it goes to the end of a field", "Ctrl+E"),
)
