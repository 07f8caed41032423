"""What the doctor says of one thing: a mark, what it is about, and a sentence."""

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """How it is; only BAD makes the doctor's exit code 1."""

    OK = "ok"
    NOTE = "note"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    mark: Mark
    subject: str
    text: str

    @property
    def line(self) -> str:
        """The line as it is printed: one, whatever others have put into the text."""
        return f"{self.mark.value:<4}  {self.subject}: {' '.join(self.text.split())}"


def ok(subject: str, text: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(Mark.OK, subject, text)


def note(subject: str, text: str) -> Finding:
    """Return something worth knowing."""
    return Finding(Mark.NOTE, subject, text)


def bad(subject: str, text: str) -> Finding:
    """Return something that is wrong: what, what is safe, what to do."""
    return Finding(Mark.BAD, subject, text)
