"""Finding what was meant by a few letters. Pure."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")

EXACT, PREFIX, INSIDE, SCATTERED = range(4)


def distance(query: str, text: str, scattered: bool = True) -> int | None:
    """Return how far a text is from what was typed, 0 the nearest; None where a word of it is not found at all.

    Every word that was typed has to be found: as a word, as the beginning of one, inside the text, or, where
    `scattered`, letter by letter.
    """
    wanted, folded = query.casefold().split(), text.casefold()
    words = folded.replace("-", " ").split()
    found = [_word(one, words, folded, scattered) for one in wanted]
    return None if any(one is None for one in found) else sum(one for one in found if one is not None)


def _word(wanted: str, words: list[str], text: str, scattered: bool) -> int | None:
    if wanted in words:
        return EXACT
    if any(word.startswith(wanted) for word in words):
        return PREFIX
    if wanted in text:
        return INSIDE
    letters = iter(text)
    return SCATTERED if scattered and len(wanted) > 1 and all(letter in letters for letter in wanted) else None


def nearest(
    query: str, things: Iterable[Thing], text: Callable[[Thing], str], also: Callable[[Thing], str]
) -> list[Thing]:
    """Return what fits, the nearest first; equals keep their order; words it is `also` found by count less."""
    ranked = []
    for at, one in enumerate(things):
        near = distance(query, text(one))
        wide = distance(query, f"{text(one)} {also(one)}", scattered=False) if near is None else None
        if near is not None or wide is not None:
            ranked.append((2 * near if near is not None else 2 * (wide or 0) + 1, at, one))
    return [one for _, _, one in sorted(ranked, key=lambda each: each[:2])]
