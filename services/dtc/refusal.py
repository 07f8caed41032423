"""What is refused at the border of a line."""

from services.dtc.errors import ProtocolError

ABSURD = 1e15  # nothing traded, priced or owned is counted in more


class Refused(ProtocolError):
    """A message that says something impossible, or lacks what it is about; it changes nothing."""
