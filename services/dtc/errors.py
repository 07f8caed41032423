"""What can go wrong with the protocol itself.

    TerminalError
      ProtocolError
        LocalProtocolError    we broke the rules: a bug of ours, nothing was sent
        RemoteProtocolError   they broke the rules: close the connection

A message the peer refuses (an order rejection, a logon refusal) is an event, not an exception. No text of
these errors ever carries a field's content, so that a password cannot reach a log through one.
"""

from core.errors import TerminalError


class ProtocolError(TerminalError):
    """The DTC protocol was broken by one of the two sides."""


class LocalProtocolError(ProtocolError):
    """We tried to send something the protocol does not allow; nothing was put on the wire."""


class RemoteProtocolError(ProtocolError):
    """The peer sent bytes that cannot be DTC, or a message its state does not allow; the stream is lost."""
