"""Text on the wire: one byte a character, Windows-1252, decoded without ever failing.

The protocol knows no Unicode. A server on Windows writes its code page, in practice Windows-1252, which
leaves five bytes undefined; those are read as the control characters of Latin-1, as browsers do, so that no
byte is an error and every byte survives a round trip.
"""

import codecs


def _character(byte: int) -> str:
    raw = bytes([byte])
    text = raw.decode("cp1252", errors="ignore")
    return text or raw.decode("latin-1")


_TABLE = "".join(map(_character, range(256)))
_INVERSE = codecs.charmap_build(_TABLE)


def decode(raw: bytes) -> str:
    """Return the text of `raw`; every byte is a character."""
    return codecs.charmap_decode(raw, "strict", _TABLE)[0]


def decode_field(raw: bytes) -> str:
    """Return the text of a fixed place, up to its first zero byte or its end."""
    return codecs.charmap_decode(raw.partition(b"\0")[0], "strict", _TABLE)[0]


def encode(text: str, errors: str = "strict") -> bytes:
    """Return the bytes of `text`.

    Raises:
        UnicodeEncodeError: a character has no byte and `errors` is "strict"; with "replace" it becomes "?".
    """
    return codecs.charmap_encode(text, errors, _INVERSE)[0]
