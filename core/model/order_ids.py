"""Client order ids: unique for ever, ours to recognise, at most 31 characters."""

import re
from base64 import b32encode
from itertools import count

MAX_LENGTH = 31
_SHAPE = re.compile("ST([A-Z0-9]{4})[A-Z2-7]{16}[0-9]?")


class OrderIds:
    """Mint and recognise the ids of this installation: ST, its four letters, sixteen of base32, a digit for children.

    The sixteen carry 48 bits of milliseconds and 32 bits of a counter that starts at random, so neither a restart
    within a millisecond nor a clock set back repeats one.

    Attributes:
        installation: four capital letters or digits, stored once per data folder.
    """

    def __init__(self, installation: str, seed: int) -> None:
        if not re.fullmatch("[A-Z0-9]{4}", installation):
            raise ValueError(f"installation {installation!r}: expected four capital letters or digits")
        self.installation = installation
        # The whole shape, since another program's word may begin like ours.
        self._ours = re.compile(f"ST{installation}[A-Z2-7]{{16}}[0-9]?")
        self._counter = count(seed)

    def mint(self, time_ms: int) -> str:
        """Return a new id (trading thread).

        Args:
            time_ms: wall time in milliseconds since 1970.
        """
        number = ((time_ms & 0xFFFF_FFFF_FFFF) << 32) | (next(self._counter) & 0xFFFF_FFFF)
        return f"ST{self.installation}{b32encode(number.to_bytes(10, 'big')).decode()}"

    def child(self, parent: str, index: int) -> str:
        """Return the id of the parent's child, index 0 to 9."""
        if not 0 <= index <= 9:
            raise ValueError(f"child {index}: expected 0 to 9")
        return f"{parent}{index}"

    def is_ours(self, client_order_id: str) -> bool:
        """Say whether this installation minted the id."""
        return self._ours.fullmatch(client_order_id) is not None

    def other_installation(self, client_order_id: str) -> str:
        """Return the four letters of another installation of this program that minted the id; empty when none did."""
        shape = _SHAPE.fullmatch(client_order_id)
        return "" if shape is None or shape[1] == self.installation else shape[1]
