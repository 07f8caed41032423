"""How a line to a broker stands. By itself, since every panel asks and none needs all that can happen."""

from enum import Enum


class Link(Enum):
    """The state of a line to a broker. Entries need READY; only reconciliation grants it."""

    OFFLINE = "OFFLINE"
    CONNECTING = "CONNECTING"
    SYNCING = "SYNCING"
    READY = "READY"
    DOUBTFUL = "DOUBTFUL"
    REFUSED = "REFUSED"
