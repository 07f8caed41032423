"""The [limits] of settings.toml: where an order becomes odd, and where it is refused.

What is made tighter counts from the next start, what is made looser from the next session: what was in force in this
one is in the database.
"""

from core.model.sanity import SanityLimits
from core.model.sanity_texts import limits_from_texts


def limits_from_table(table: object) -> SanityLimits:
    """Return the limits of a table; what it does not name keeps its default.

    Raises:
        ValueError: what cannot be limits, and where it stands.
    """
    try:
        return limits_from_texts(table)
    except ValueError as error:
        raise ValueError(f"[limits] {error}") from error
