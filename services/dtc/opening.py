"""Tell from the first bytes of a connection what the peer speaks.

A server may be set to one fixed encoding and speaks it from the first byte; a client may skip the encoding
request. An opening brace is JSON. A binary message begins with its size and number, which must be those of
a message a peer may begin with and not much longer than we know it. HTTP, SSH or TLS never look like that.
"""

from services.dtc import text
from services.dtc.binary import HEADER
from services.dtc.enums import EncodingEnum
from services.dtc.errors import RemoteProtocolError
from services.dtc.messages.catalog import BY_TYPE
from services.dtc.messages.connection import EncodingRequest, LogonRequest

GROWTH = 512  # bytes by which a first message of a later protocol may be longer than ours

SERVERS_BEGIN_WITH = frozenset(BY_TYPE)
CLIENTS_BEGIN_WITH = frozenset((LogonRequest.TYPE, EncodingRequest.TYPE))


def recognise(first: bytes, expected: frozenset[int]) -> EncodingEnum | None:
    """Return the encoding of a stream that begins with `first`; None as long as that cannot be told.

    Args:
        first: the bytes received so far, or the first few of them.
        expected: message numbers the peer may begin with.

    Raises:
        RemoteProtocolError: the peer does not speak DTC.
    """
    if first.startswith(b"{"):
        return EncodingEnum.JSON_ENCODING
    if len(first) < HEADER.size:
        return None
    size, number = HEADER.unpack_from(first)
    if number in expected and HEADER.size <= size <= BY_TYPE[number].SIZE + GROWTH:
        return EncodingEnum.BINARY_ENCODING
    raise RemoteProtocolError(f"The peer does not speak DTC: it began with {text.decode(first)!r}.")
