"""Orders and stops that need the trader: found at start, after a reconnect, and while trading goes on.

What `order_findings` says of a snapshot is looked at after every event that can change it, and each second. In between
orders and fills cross, so a finding counts only when it has lasted: three seconds, or at once in the first comparison
after a line came up, when the broker has just told everything. An order of unknown outcome is given longer, because
evidence settles most by itself. A finding goes when its facts are gone; a decision stands as long as they do.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from core import commands, events
from core.announcement import About
from core.clock import Clock
from core.errors import InvalidOrder
from core.events import Announcement, Level
from core.messages import Message
from core.model.finding import Finding, FindingChoice, FindingKind
from core.model.order import OrderState, OrderType, TimeInForce
from core.model.order_ids import OrderIds
from core.model.scope import PositionKey
from core.ports import AuditLog
from core.state_manager import StateManager
from services import finding_words as words
from services.order_findings import STOPS, found_in
from services.protective_stop import protective_stop

GRACE_S = 3.0
UNKNOWN_GRACE_S = 8.0
# What was decided and has not done away with its finding after this time came to nothing: it is asked again.
ACTION_TAKES_S = 5.0
_ACTIONS = frozenset(FindingChoice) - {FindingChoice.KEEP, FindingChoice.LEAVE, FindingChoice.ASK_BROKER}

# Evidence on what ended while we were away takes a second look; what it brings still belongs to the start.
START_S = 15.0

Identity = tuple[PositionKey, str]
Changed = events.OrderChanged | events.FillApplied | events.OperationMoved | events.StopPlanDropped


class FindingService:
    """Keep the findings of every connection and carry out the trader's decisions (trading thread)."""

    def __init__(self, audit: AuditLog, state: StateManager, clock: Clock, ids: OrderIds) -> None:
        self._audit = audit
        self._state = state
        self._clock = clock
        self._ids = ids
        self._heard: set[str] = set()
        self._opened_s: dict[str, float] = {}
        self._unconfirmed: set[str] = set()
        self._since_s: dict[Identity, float] = {}
        self._decided_s: dict[Identity, float] = {}
        self._held: dict[Identity, Finding] = {}

    def load(self, unconfirmed: Iterable[str]) -> None:
        """Note the entries that worked when the last session ended uncleanly (main thread).

        Args:
            unconfirmed: their client ids.
        """
        self._unconfirmed = set(unconfirmed)

    # -- what happens -----------------------------------------------------------------------------------------------

    def on_line_in_doubt(self, event: events.LinkChanged | events.GapDetected) -> list[Message]:
        """Find nothing new on a line until the broker was heard again; what was found stays."""
        self._heard.discard(event.connection)
        self._opened_s.pop(event.connection, None)
        return []

    def on_digested(self, event: events.SnapshotDigested) -> list[Message]:
        """Look at once: the broker has told everything."""
        self._heard.add(event.connection)
        return self._look(at_once=event.connection not in self._opened_s)

    def on_reconciled(self, event: events.ConnectionReconciled) -> list[Message]:
        """From here on what is found came up while trading."""
        self._opened_s[event.connection] = self._clock.monotonic()
        return []

    def on_changed(self, event: Changed) -> list[Message]:
        """Look again: what was found may be gone."""
        return self._look()

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Let time turn a passing state into a finding."""
        return self._look()

    # -- decisions --------------------------------------------------------------------------------------------------

    def on_decide(self, command: commands.DecideFinding) -> list[Message]:
        """Carry out the trader's choice, if the facts are still those he saw."""
        self._look()
        finding = self._held.get((command.key, command.name))
        if finding is None or finding.version != command.version:
            text = f"{command.key.symbol}: the facts changed while you decided. Nothing was done; look again."
            return [self._said(Level.CAUTION, text, command.key)]
        if command.choice not in finding.choices:
            text = f"{command.key.symbol}: {command.choice.value} does not apply to {finding.kind.value}."
            return [self._said(Level.CAUTION, text, command.key)]
        try:
            follow = self._carried_out(finding, command)
        except InvalidOrder as refused:
            return [self._said(Level.CAUTION, f"Nothing was done: {refused}", command.key)]
        self._record(finding, command)
        if command.choice is not FindingChoice.ASK_BROKER:
            self._decided_s[finding.identity] = self._clock.monotonic()
            self._held[finding.identity] = replace(finding, decided=command.choice)
        self._unconfirmed.discard(finding.name)
        return [*follow, *self._look()]

    def _carried_out(self, finding: Finding, command: commands.DecideFinding) -> list[Message]:
        choice, key = command.choice, finding.key
        if choice is FindingChoice.CANCEL_ORDER:
            return [commands.CancelOrder(finding.name)]
        if choice is FindingChoice.ASK_BROKER:
            return [commands.AskBroker(key.connection)]
        if choice is FindingChoice.TREAT_AS_EXTERNAL:
            return [events.OrderDisowned(finding.name)]
        if choice is FindingChoice.LEAVE:
            return [events.StopPlanDropped(key)]
        if choice is FindingChoice.CLOSE_NOW:
            return [commands.ClosePosition(self._mint(), key)]
        if choice is FindingChoice.KEEP:
            return []
        price = finding.planned if choice is FindingChoice.PLACE_PLANNED_STOP else command.price
        return [self._stop(finding, price)]

    def _stop(self, finding: Finding, price: Decimal | None) -> commands.PlaceExit:
        snapshot = self._state.snapshot()
        stop = protective_stop(finding.key, price, snapshot)
        orders = [one for one in snapshot.orders.values() if one.key == finding.key and one.type in STOPS]
        before = max(orders, key=lambda one: one.created_at, default=None)
        return commands.PlaceExit(
            self._mint(),
            finding.key,
            stop.side,
            OrderType.STOP,
            stop.quantity,
            stop.intent,
            "protection decided by the trader",
            trigger_price=stop.trigger_price,
            time_in_force=TimeInForce.DAY if before is None else before.time_in_force,
        )

    # -- private ----------------------------------------------------------------------------------------------------

    def _look(self, at_once: bool = False) -> list[Message]:
        """Compare what is found now with what is held; new findings are told."""
        snapshot, now_s = self._state.snapshot(), self._clock.monotonic()
        found = {one.identity: one for one in found_in(snapshot, frozenset(self._heard), frozenset(self._unconfirmed))}
        heard = {name: one for name, one in self._held.items() if name[0].connection in self._heard}
        for name in heard.keys() - found.keys():
            del self._held[name]
        self._since_s = {name: self._since_s.get(name, now_s) for name in found}
        follow: list[Message] = []
        for name, finding in found.items():
            held = self._held.get(name)
            if held is None and not self._lasts(finding, now_s, at_once):
                continue
            self._held[name] = self._following(finding, held, now_s)
            if held is None or (held.facts != finding.facts and held.decided is None):
                text = words.alarm(finding, snapshot.instruments.get((finding.key.connection, finding.key.symbol)))
                level = Level.CAUTION if finding.kind is FindingKind.WORKING_ORDER else Level.ALARM
                follow.append(self._said(level, text, finding.key))
        self._publish()
        return follow

    def _lasts(self, finding: Finding, now_s: float, at_once: bool) -> bool:
        lasted_s = now_s - self._since_s[finding.identity]
        if finding.kind is FindingKind.UNKNOWN_ORDER:
            return lasted_s >= UNKNOWN_GRACE_S
        return at_once or lasted_s >= GRACE_S

    def _following(self, finding: Finding, held: Finding | None, now_s: float) -> Finding:
        """Return the finding with the version and decision that are due to it."""
        if held is None:
            return replace(finding, at_start=self._is_start(finding, now_s))
        undone = held.decided in _ACTIONS and self._came_to_nothing(finding, now_s)
        if held.facts == finding.facts and not undone:
            return replace(finding, at_start=held.at_start, version=held.version, decided=held.decided)
        return replace(finding, at_start=held.at_start, version=held.version + 1)

    def _is_start(self, finding: Finding, now_s: float) -> bool:
        return now_s - self._opened_s.get(finding.key.connection, now_s) < START_S

    def _came_to_nothing(self, finding: Finding, now_s: float) -> bool:
        """Say whether what was decided should have done away with the finding by now, and has not."""
        pending = finding.order is not None and finding.order.state is OrderState.PENDING_CANCEL
        return not pending and now_s - self._decided_s.get(finding.identity, now_s) > ACTION_TAKES_S

    def _publish(self) -> None:
        findings = tuple(self._held[name] for name in sorted(self._held))
        if findings != self._state.snapshot().findings:
            self._state.set_findings(findings)

    def _record(self, finding: Finding, command: commands.DecideFinding) -> None:
        account = self._state.snapshot().accounts.get(finding.key.account_key)
        self._audit.append(
            "decision",
            f"{finding.kind.value} in {finding.key.symbol}: {command.choice.value}",
            key=finding.key.account_key,
            mode=None if account is None else account.mode,
            cause="trader",
            data={
                "symbol": finding.key.symbol,
                "order": finding.name,
                "quantity": f"{finding.quantity:f}",
                "planned": "" if finding.planned is None else f"{finding.planned:f}",
                "price": "" if command.price is None else f"{command.price:f}",
            },
        )

    def _mint(self) -> str:
        return self._ids.mint(int(self._clock.now().timestamp() * 1000))

    def _said(self, level: Level, text: str, key: PositionKey) -> Announcement:
        about = About.PROTECTION if level is Level.ALARM else None
        return Announcement(level, text, self._clock.now(), key, about)
