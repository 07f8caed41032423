"""Sanity limits changed: the stricter of two, figure by figure. Pure."""

from core.model.sanity import SanityLimits


def strictest_of(one: SanityLimits, other: SanityLimits) -> SanityLimits:
    """Return limits that find odd, and refuse, whatever either of two does.

    A soft figure of the result is at most its hard one, where that holds of both.
    """
    return SanityLimits(
        quantity_soft=min(one.quantity_soft, other.quantity_soft),
        quantity_hard=min(one.quantity_hard, other.quantity_hard),
        distance_soft=min(one.distance_soft, other.distance_soft),
        distance_hard=min(one.distance_hard, other.distance_hard),
        move_soft=min(one.move_soft, other.move_soft),
        move_hard=min(one.move_hard, other.move_hard),
        repeat_within=max(one.repeat_within, other.repeat_within),
    )
