"""When a panel asks the history again, and whether what stands in the snapshot answers what it wants."""

from core.commands import RunQuery
from core.queries import QueryFilter, QueryResult
from core.snapshot import Snapshot

# New trades may come in bursts; a new filter is asked at once.
AGAIN_S = 0.5
PATIENCE_S = 10.0


class Asking:
    """One ticket of one panel.

    Attributes:
        waits_s: how long the open question has waited; None when it is answered.
    """

    def __init__(self, ticket: str) -> None:
        self._ticket = ticket
        self._asked: RunQuery | None = None
        self._cause: object = None
        self._asked_s = 0.0
        self._before: QueryResult | None = None
        self.waits_s: float | None = None

    def wish(
        self, snapshot: Snapshot, wanted: QueryFilter, cause: object, monotonic_s: float, page: int = 0
    ) -> RunQuery | None:
        """Return the question to ask now, if any.

        Args:
            cause: what the answer follows from; when it is another object the answer may be out of date.
        """
        query = RunQuery(self._ticket, wanted, page)
        since_s = monotonic_s - self._asked_s
        is_open = self._asked is not None and snapshot.queries.get(self._ticket) is self._before
        self.waits_s = since_s if is_open else None
        is_stale = cause is not self._cause and since_s >= AGAIN_S
        if query == self._asked and not is_stale and not (is_open and since_s >= PATIENCE_S):
            return None
        if query != self._asked:
            self.waits_s = 0.0
        self._before = snapshot.queries.get(self._ticket)
        self._asked, self._cause, self._asked_s = query, cause, monotonic_s
        return query

    def result(self, snapshot: Snapshot) -> QueryResult | None:
        """Return the answer to what is wanted now; an older one, or one on another page, will do until it comes."""
        held = snapshot.queries.get(self._ticket)
        if held is None or self._asked is None:
            return None
        return held if held.filter == self._asked.filter else None
