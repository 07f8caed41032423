"""The tree of errors: as its page draws it, and each kind caught by what is above it."""

import core.errors
import core.model.errors
from core.errors import TerminalError


def drawn() -> dict[str, str]:
    """Return each error of the drawing with the one it is drawn under; an indentation is two spaces."""
    above: dict[int, str] = {}
    parents: dict[str, str] = {}
    for line in (core.errors.__doc__ or "").splitlines():
        word = line.strip().split(" ")[0]
        if line.startswith("    ") and word.isidentifier():
            depth = (len(line) - len(line.lstrip())) // 2
            above[depth] = word
            parents[word] = above.get(depth - 1, "Exception")
    return parents


def test_the_tree_is_as_it_is_drawn() -> None:
    classes = {name: one for name, one in vars(core.errors).items() if isinstance(one, type)}
    assert {name: one.__bases__[0].__name__ for name, one in classes.items()} == {
        **{name: parent for name, parent in drawn().items() if name in classes},
    }
    assert set(drawn()) == set(classes)


def test_everything_raised_on_purpose_is_a_terminal_error_and_is_exported() -> None:
    for module in (core.errors, core.model.errors):
        for name, one in vars(module).items():
            if isinstance(one, type):
                assert issubclass(one, TerminalError)
                assert name in core.errors.__all__
