"""Which key does what: the keys that ship, the trader's own over them, and what each would be in the way of. Pure.

A key means one thing. The trader's own choice takes a key away from an action that only ships with it; two of his own
choices on one key leave it without effect, and both are named.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from panels.actions import Action, Effect, shipped_keys
from panels.system_keys import SYSTEM_KEYS

# What moves the keyboard, answers a question or writes a figure belongs to whatever has the keyboard.
NEEDED = frozenset(
    {"Tab", "Shift+Tab", "Backtab", "Shift+Backtab", "Return", "Enter", "Space", "Esc", "Backspace", "Del"}
    | {"Up", "Down", "Left", "Right", "Home", "End", "PgUp", "PgDown", "Shift+Return", "Shift+Enter"}
)
# Under this and its name the key an action was last used with is kept beside the key itself.
TRIED = "tried."
_MODIFIERS = ("Ctrl+", "Alt+", "Meta+")
_NO_KEY = frozenset({Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_unknown})


class Weight(Enum):
    """How much a clash matters: it cannot be, it takes a key from another action, or it is to be known."""

    REFUSED = "refused"
    TAKEN = "taken"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Clash:
    """What a key would be in the way of.

    Attributes:
        action: name of the action that has it now; "" where it is no action's.
    """

    key: str
    text: str
    weight: Weight
    action: str = ""


@dataclass(frozen=True, slots=True)
class Keymap:
    """What every key does.

    Attributes:
        keys: the keys of each action by its name.
        torn: keys the trader gave to several actions, with the names; they do nothing.
        unread: names of the actions whose own key cannot be read; they keep the one they ship with.
    """

    keys: Mapping[str, tuple[str, ...]]
    torn: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...] = ()

    def first(self, name: str) -> str:
        """Return the key to show beside an action; "" while it has none."""
        return next(iter(self.keys.get(name, ())), "")

    def holder(self, key: str) -> str:
        """Return the name of the action a key stands for; "" for none."""
        return next((name for name, keys in self.keys.items() if key in keys), "")


def read_key(text: str) -> str:
    """Return one key with its modifiers in Qt's portable form; "" for what is none."""
    sequence = QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or sequence[0].key() in _NO_KEY:  # type: ignore[index]
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def shown_key(key: str) -> str:
    """Return a key as this system writes it ("⌘K" on a Mac)."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def spoken_key(key: str) -> str:
    """Return a key as a screen reader should say it ("Control Shift X"); "" for none."""
    if not key:
        return ""
    names = {"Ctrl": "Control", "PgUp": "Page Up", "PgDown": "Page Down", ",": "Comma", "=": "Equals", "": "Plus"}
    return " ".join(names.get(part, part) for part in key.replace("++", "+").split("+"))


def keymap_of(actions: Iterable[Action], chosen: Mapping[str, str], platform: str) -> Keymap:
    """Return what every key does.

    Args:
        chosen: the trader's own key by the name of an action, "" for none.
        platform: as `sys.platform` has it.
    """
    listed = tuple(actions)
    own = {one.name: read_key(chosen[one.name]) for one in listed if one.name in chosen}
    unread = tuple(name for name, key in own.items() if chosen[name].strip() and not key)
    own = {name: key for name, key in own.items() if name not in unread}
    holders: dict[str, list[str]] = {}
    for name, key in own.items():
        if key:
            holders.setdefault(key, []).append(name)
    torn = {key: tuple(names) for key, names in holders.items() if len(names) > 1}
    keys: dict[str, tuple[str, ...]] = {}
    for one in listed:
        if one.name in own:
            keys[one.name] = (own[one.name],) if own[one.name] and own[one.name] not in torn else ()
        else:
            keys[one.name] = tuple(key for key in shipped_keys(one, platform) if key not in holders)
    return Keymap(keys, torn, unread)


def clashes(key: str, action: Action, actions: Iterable[Action], keymap: Keymap, platform: str) -> tuple[Clash, ...]:
    """Return what a key would be in the way of if an action had it, the gravest first."""
    if key in NEEDED:
        return (Clash(key, f"{shown_key(key)} moves the keyboard, types or answers; no action can have it.", _REFUSED),)
    found = []
    for one in SYSTEM_KEYS:
        if one.key == key and platform.startswith(one.platforms):
            weight = _REFUSED if one.is_kept else Weight.KNOWN
            found.append(Clash(key, f"{shown_key(key)}: {one.text}", weight))
    words = {one.name: one.words for one in actions}
    held = [*keymap.torn.get(key, ()), keymap.holder(key)]
    for name in held:
        if name and name != action.name:
            found.append(Clash(key, f"{shown_key(key)} is “{words.get(name, name)}” now.", Weight.TAKEN, name))
    if not key.startswith(_MODIFIERS) and action.effect is not Effect.LOOK:
        text = f"{shown_key(key)} is easily pressed by accident; it does nothing while a field has the keyboard."
        found.append(Clash(key, text, Weight.KNOWN))
    return tuple(sorted(found, key=lambda one: list(Weight).index(one.weight)))


def untried(chosen: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the actions whose own key was never used yet, whoever wrote it into the settings."""
    own = {name: read_key(text) for name, text in chosen.items() if not name.startswith(TRIED)}
    return frozenset(name for name, key in own.items() if key and chosen.get(TRIED + name) != key)


def as_tried(chosen: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the trader's keys with a note that this one was used."""
    return {**chosen, TRIED + name: read_key(chosen.get(name, ""))}


def with_key(chosen: Mapping[str, str], name: str, key: str | None) -> dict[str, str]:
    """Return the trader's keys with another for an action: "" is none, None the one it ships with."""
    left = {one: text for one, text in chosen.items() if one not in (name, TRIED + name)}
    return left if key is None else {**left, name: key}


_REFUSED = Weight.REFUSED
