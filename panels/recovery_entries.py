"""The rows of the recovery dialog: positions first, then orders and missing stops, told apart by nothing but this.

An entry knows what it says, what may be chosen and what a choice asks of the engine; the dialog only draws entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.commands import AskBroker, DecideFinding, DecideRecovery
from core.model.finding import Finding, FindingChoice
from core.model.instrument import Instrument
from core.model.recovery import RecoveryChoice, RecoveryRow, Situation
from core.model.scope import AccountKey, Mode, PositionKey
from core.snapshot import Snapshot
from panels import finding_words, recovery_words
from panels import formatting as f

# Most at stake first.
GRAVITY = (Mode.LIVE, Mode.EVAL, Mode.SIM, Mode.REPLAY)
Identity = tuple[str, PositionKey, str]
AnyChoice = RecoveryChoice | FindingChoice


@dataclass(frozen=True, slots=True)
class PositionEntry:
    """A position that was compared with the broker's.

    Attributes:
        is_asking: the answer of its broker is awaited, so nothing can be decided yet.
    """

    row: RecoveryRow
    instrument: Instrument | None
    is_asking: bool

    @property
    def key(self) -> PositionKey:
        """The scope."""
        return self.row.key

    @property
    def identity(self) -> Identity:
        """What makes it the same row in the next snapshot."""
        return "position", self.row.key, ""

    @property
    def version(self) -> int:
        """Rises with the facts."""
        return self.row.version

    @property
    def kind(self) -> Situation:
        """What a choice is kept for: another kind starts from its own."""
        return self.row.situation

    @property
    def choices(self) -> tuple[RecoveryChoice, ...]:
        """What may be chosen, the pre-selected first."""
        return self.row.choices

    @property
    def preselected(self) -> RecoveryChoice:
        """What stands chosen when the row appears; one that was put off starts again."""
        return self.choices[0]

    @property
    def is_undecided(self) -> bool:
        """True while the trader has said nothing about it."""
        return self.row.decided is None

    @property
    def is_open(self) -> bool:
        """True while it can be decided: it never was, or was put off."""
        return self.row.decided in (None, RecoveryChoice.IGNORE)

    @property
    def is_urgent(self) -> bool:
        """True when it differs from what it should be."""
        return self.row.situation is not Situation.MATCH

    def cells(self, snapshot: Snapshot, now: datetime) -> tuple[str, ...]:
        """Return its texts: scope, local, broker, orders working, situation."""
        asked = "ASKING\nThe broker is being asked."
        return (
            recovery_words.scope_words(self.key, snapshot),
            recovery_words.ours_words(self.row, self.instrument, now),
            "asking…" if self.is_asking else recovery_words.theirs_words(self.row, self.instrument),
            "\n".join(finding_words.orders_of(snapshot, self.key)) or "none",
            asked if self.is_asking else recovery_words.situation_words(self.row, self.instrument),
        )

    def choice_words(self, choice: AnyChoice) -> str:
        """Return the text of a choice."""
        assert isinstance(choice, RecoveryChoice)
        return recovery_words.choice_words(choice, self.row.situation)

    def done_words(self) -> str:
        """Return the text of what was decided."""
        assert self.row.decided is not None
        return recovery_words.DONE_WORDS[self.row.decided]

    def effect(self, choice: AnyChoice) -> str:
        """Return what a choice does."""
        assert isinstance(choice, RecoveryChoice)
        return recovery_words.effect(choice, self.row, self.instrument)

    def can_decide(self, choice: AnyChoice) -> bool:
        """Say whether Apply sends this choice now; one that was sent already says nothing new."""
        return self.is_open and not self.is_asking and choice is not self.row.decided

    def command(self, choice: AnyChoice, _price: Decimal | None = None) -> object:
        """Return what a choice asks of the engine."""
        assert isinstance(choice, RecoveryChoice)
        return DecideRecovery(self.key, choice, self.row.version)

    def verify(self) -> object:
        """Return what Verify asks."""
        return DecideRecovery(self.key, RecoveryChoice.VERIFY, self.row.version)

    def put_off(self) -> tuple[object, ...]:
        """Return what Decide later asks: the scope stays locked."""
        return (DecideRecovery(self.key, RecoveryChoice.IGNORE, self.row.version),)


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """An order, or a stop that is gone.

    Attributes:
        is_asking: the answer of its broker is awaited; cancelling and protecting do not wait for it.
    """

    finding: Finding
    instrument: Instrument | None
    is_asking: bool

    @property
    def key(self) -> PositionKey:
        """The scope."""
        return self.finding.key

    @property
    def identity(self) -> Identity:
        """What makes it the same row in the next snapshot."""
        return "finding", *self.finding.identity

    @property
    def version(self) -> int:
        """Rises with the facts."""
        return self.finding.version

    @property
    def kind(self) -> tuple[object, bool]:
        """What a choice is kept for: another kind starts from its own."""
        return self.finding.kind, self.finding.passed

    @property
    def choices(self) -> tuple[FindingChoice, ...]:
        """What may be chosen, the pre-selected first."""
        return self.finding.choices

    @property
    def is_undecided(self) -> bool:
        """True while the trader has said nothing about it."""
        return self.finding.decided is None

    @property
    def preselected(self) -> FindingChoice:
        """What stands chosen when the row appears: what holds, or else the usual one."""
        return self.finding.decided or self.choices[0]

    @property
    def is_open(self) -> bool:
        """True while it can be decided; an order that was kept can still be cancelled."""
        return self.finding.decided in (None, FindingChoice.KEEP)

    @property
    def is_urgent(self) -> bool:
        """True: an order or a missing stop is never as it should be."""
        return True

    def cells(self, snapshot: Snapshot, _now: datetime) -> tuple[str, ...]:
        """Return its texts: scope, local, broker, orders working, situation."""
        status = snapshot.scopes.get(self.key)
        told = None if status is None else status.broker_quantity
        position = self.finding.position
        price = "" if position is None else f" @ {f.average(position.entry_price, self.instrument)}"
        return (
            recovery_words.scope_words(self.key, snapshot),
            finding_words.held_words(self.finding, self.instrument) + price,
            "asking…" if self.is_asking else "not said" if told is None else f.held(told, self.instrument),
            "\n".join(finding_words.orders_of(snapshot, self.key)) or "none",
            f"{self.finding.kind.value}\n{finding_words.meaning(self.finding, self.instrument)}",
        )

    def choice_words(self, choice: AnyChoice) -> str:
        """Return the text of a choice."""
        assert isinstance(choice, FindingChoice)
        return finding_words.choice_words(choice, self.finding, self.instrument)

    def done_words(self) -> str:
        """Return the text of what was decided."""
        assert self.finding.decided is not None
        return finding_words.DONE_WORDS[self.finding.decided]

    def effect(self, choice: AnyChoice) -> str:
        """Return what a choice does."""
        assert isinstance(choice, FindingChoice)
        return finding_words.effect(choice, self.finding, self.instrument)

    def can_decide(self, choice: AnyChoice) -> bool:
        """Say whether Apply sends this choice now."""
        is_idle = self.is_asking and choice is FindingChoice.ASK_BROKER
        return self.is_open and choice is not self.finding.decided and not is_idle

    def command(self, choice: AnyChoice, price: Decimal | None = None) -> object:
        """Return what a choice asks of the engine; `price` is that of the stop the trader chose."""
        assert isinstance(choice, FindingChoice)
        return DecideFinding(self.key, self.finding.name, choice, self.finding.version, price)

    def verify(self) -> object:
        """Return what Verify asks."""
        return AskBroker(self.key.connection)

    def put_off(self) -> tuple[object, ...]:
        """Return what Decide later asks: nothing; it stands in a banner."""
        return ()


Entry = PositionEntry | FindingEntry


def entries_of(snapshot: Snapshot, with_later: bool) -> tuple[Entry, ...]:
    """Return the rows of the dialog; a difference that came up while trading is the reconcile dialog's.

    Args:
        with_later: also orders and missing stops found while trading, which the trader asked for.
    """
    recovery = snapshot.recovery
    asking = frozenset[str]() if recovery is None else recovery.asking
    rows = () if recovery is None else recovery.rows
    positions = (PositionEntry(row, *_around(row.key, snapshot, asking)) for row in rows if not row.in_session)
    findings = (
        FindingEntry(one, *_around(one.key, snapshot, asking))
        for one in snapshot.findings
        if one.at_start or with_later
    )
    return (*positions, *findings)


def gravest_account(entries: Sequence[Entry], snapshot: Snapshot) -> AccountKey | None:
    """Return the account whose mode the dialog shows: where rows are of several, the one where most is at stake."""
    selected = snapshot.selected_account

    def gravity(key: AccountKey) -> tuple[int, bool, AccountKey]:
        account = snapshot.accounts.get(key)
        mode = Mode.LIVE if account is None else account.acting_mode
        return GRAVITY.index(mode), key != selected, key

    return min((one.key.account_key for one in entries), key=gravity, default=selected)


def _around(key: PositionKey, snapshot: Snapshot, asking: frozenset[str]) -> tuple[Instrument | None, bool]:
    return snapshot.instruments.get((key.connection, key.symbol)), key.connection in asking
