"""What can go wrong with the simulator as a program."""

from core.errors import ConfigurationError, TerminalError


class PortBusy(TerminalError):
    """Another program listens on the port already."""


class UnlistenableAddress(TerminalError):
    """The host or port cannot be listened on at all."""


class SimulatorBusy(TerminalError):
    """Another simulator works in this data folder."""


class BadControl(TerminalError):
    """A control verb that does not exist, or whose arguments make no sense."""


class UnreadableRecording(ConfigurationError):
    """A recorded market that cannot be replayed; the sentence names the file, the place and what was expected."""
