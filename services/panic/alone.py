"""Acting without the terminal: claim the connections, make each flat, on a thread of its own, and say what is left."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Thread
from typing import Final

from core.clock import Clock
from core.errors import PersistenceError
from core.model.order_ids import OrderIds
from core.ports import Checkpoint
from services.dtc.address import ConnectionSettings
from services.panic.errand import Errand, Outcome, Tools
from services.panic.files import RECORD, Act, PanicFiles, Request
from services.panic.record import Record, last_order_at

CLAIM_WITHIN_S: Final = 3.0
# An errand has deadlines for everything; one that still runs after all of them is stuck.
ERRAND_WITHIN_S: Final = 90.0
BUSY: Final = "Another panic is at work, and was not disturbed. Run this one again when it is over."


@dataclass(frozen=True)
class Alone:
    """A panic process on its own.

    Attributes:
        passwords: by the name of the connection.
        say: tells the person; any thread.
    """

    files: PanicFiles
    request: Request
    passwords: Mapping[str, str]
    installation: str
    clock: Clock
    say: Callable[[str], None]
    reached: Checkpoint

    def act(self, lines: Sequence[ConnectionSettings]) -> list[str]:
        """Make the connections flat; returns what is left or not known, in sentences."""
        with self.files.acting(CLAIM_WITHIN_S) as claimed:
            if not claimed:
                return [BUSY]
            slugs = tuple(line.slug for line in lines)
            act = Act(secrets.token_hex(6), self.request.name, self.clock.now(), os.getpid(), slugs)
            record = self._claimed(act)
            self.reached("panic.claimed")
            outcomes = self._errands(lines, record)
            return self._ended(act, record, outcomes)

    def _claimed(self, act: Act) -> Record | None:
        """Put the claim on the disk and open the record; a disk that refuses keeps nobody from getting flat."""
        try:
            self.files.write(act)
            return Record(self.files.folder / RECORD, act.name, self.clock)
        except PersistenceError as error:
            self.say(f"{error} Going on all the same.")
            return None

    def _errands(self, lines: Sequence[ConnectionSettings], record: Record | None) -> list[Outcome]:
        try:
            before = last_order_at(self.files.folder / RECORD)
        except PersistenceError as error:
            self.say(str(error))
            before = None
        ids = OrderIds(self.installation, secrets.randbits(32))
        tools = Tools(self.clock, ids, self.request.accounts, record, self.say, before, self.reached)
        outcomes = {line.slug: Outcome(line.slug) for line in lines}

        def run(line: ConnectionSettings) -> None:
            outcomes[line.slug] = Errand(line, self.passwords.get(line.slug, ""), tools).run()

        threads = [Thread(target=run, args=(line,), name=f"panic:{line.slug}", daemon=True) for line in lines]
        for thread in threads:
            thread.start()
        due_s = self.clock.monotonic() + ERRAND_WITHIN_S
        for line, thread in zip(lines, threads, strict=True):
            thread.join(max(0.0, due_s - self.clock.monotonic()))
            if not outcomes[line.slug].finished:
                text = f"{line.slug}: the panic itself failed there. What is open or works there is not known."
                outcomes[line.slug].left.append(text)
        return list(outcomes.values())

    def _ended(self, act: Act, record: Record | None, outcomes: Sequence[Outcome]) -> list[str]:
        """Write what came of it; from here on a terminal may read the broker and go on."""
        left = [text for one in outcomes for text in one.left]
        cancelled, closed = sum(one.cancelled for one in outcomes), sum(one.closed for one in outcomes)
        text = f"{_counted(cancelled, 'order')} cancelled, {_counted(closed, 'position')} closed"
        if left:
            text += f", {len(left)} left or not known"
        missing = set(self.request.accounts) - {name for one in outcomes for name in one.accounts}
        if missing and not left:
            left.append(f"No connection has the account {', '.join(sorted(missing))}.")
        self.say(f"{text[0].upper()}{text[1:]}.")
        try:
            if record is not None:
                record.add("over", text=text, left=left)
                record.close()
            self.files.write(replace(act, text=text))
        except PersistenceError as error:
            self.say(str(error))
        return left


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
