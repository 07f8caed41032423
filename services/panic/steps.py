"""The named steps of a panic, at which a test may kill its process."""

from typing import Final

PANIC_POINTS: Final = (
    "panic.requested",
    "panic.claimed",
    "panic.logged_on",
    "panic.cancel_recorded",
    "panic.cancels_sent",
    "panic.order_recorded",
    "panic.orders_sent",
    "panic.verified",
)
