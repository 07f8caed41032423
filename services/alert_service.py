"""Alerts: evaluated from every trade and from the clock, stored before they are told, and honest about what they miss.

An alert that fires is committed, published and announced; where the store refuses it is announced all the same, and
stored as soon as that works. That alerts cannot be evaluated is told once it has lasted, for all of a cause together,
and so is that they can be again. No alert trades anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from core import alert_commands, events
from core.alert_ports import AlertRepository
from core.alert_readings import reading_of
from core.alert_words import described, fired_text
from core.announcement import About
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level, Link
from core.market_board import TickBatch
from core.messages import Message
from core.model.alert import MAX_ALERTS, NOTE_CHARACTERS, Alert, AlertKind, AlertState, Way, evaluated, path, switched
from core.model.scope import PositionKey
from core.ports import Broker
from core.state_manager import StateManager

# Not evaluated for so long is told; a short drop of the line tells itself.
PATIENCE_S = 10.0
STORE_AGAIN_S = 5.0
# No figure of ours is as far; beyond it decimals lose their cents.
FARTHEST = Decimal(10**12)


class AlertService:
    """Watch what the trader asked to be watched (trading thread; `load` on the main thread before it)."""

    def __init__(
        self, repository: AlertRepository, brokers: Mapping[str, Broker], state: StateManager, clock: Clock
    ) -> None:
        self._repository = repository
        self._brokers = brokers
        self._state = state
        self._clock = clock
        self._alerts: dict[str, Alert] = {}
        self._prices: dict[tuple[str, str], list[Decimal]] = {}
        self._dropped: set[tuple[str, str]] = set()
        self._unstored: dict[str, str] = {}
        self._store_at_s = 0.0
        self._blind_since_s: dict[str, float] = {}
        self._told_blind: set[str] = set()

    def load(self) -> None:
        """Take up what is stored, and publish it.

        Raises:
            PersistenceError: it cannot be read.
        """
        self._alerts = {one.alert_id: one for one in self._repository.alerts()}
        if self._alerts:
            self._publish()

    # -- time and prices --------------------------------------------------------------------------------------------

    def on_ticks(self, batches: Sequence[TickBatch]) -> None:
        """Keep the trades of symbols that are watched until they are evaluated, a moment later."""
        watched = {one.place for one in self._alerts.values() if one.is_watched}
        for batch in batches:
            place = (batch.connection, batch.symbol)
            if place in watched:
                self._prices.setdefault(place, []).extend(tick.price for tick in batch.ticks)
                if batch.dropped:
                    self._dropped.add(place)

    def on_ticks_waiting(self, event: events.TicksWaiting) -> list[Message]:
        """Evaluate what the newest trades may have crossed."""
        if not self._prices:
            return []
        # Thinned once for all alerts of a symbol: a burst of thousands crosses no more than its extremes do.
        self._prices = {place: list(path(prices)) for place, prices in self._prices.items()}
        follow = self._evaluate(one for one in self._watched() if _is_stirred(one, self._prices.get(one.place, ())))
        self._prices.clear()
        return [*follow, *self._lost()]

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Evaluate what goes by time, and what prices are missing of; tell what has been missing for long."""
        if not self._alerts:
            return []
        follow = self._evaluate(self._watched())
        if self._unstored and event.monotonic_s >= self._store_at_s:
            self._store((), "")
        return [*follow, *self._blind(event.monotonic_s)]

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Begin anew what belongs to a position that was opened: before its first price it is where it began."""
        change = event.change
        if change.before is not None and change.after is not None:
            return []
        ours = [one for one in self._watched() if one.kind.of_position and one.key == change.key]
        return self._evaluate(replace(one, armed=None) if change.before is not None else one for one in ours)

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Subscribe to every symbol that is watched when a line is back."""
        if event.link is Link.SYNCING:
            for symbol in sorted({one.key.symbol for one in self._watched() if one.key.connection == event.connection}):
                self._subscribe(event.connection, symbol)
        return []

    # -- the trader -------------------------------------------------------------------------------------------------

    def on_add(self, command: alert_commands.AddAlert) -> list[Message]:
        """Watch a figure; a press that comes twice is one alert."""
        if command.action_id in self._alerts:
            return []
        if refusal := self._refusal(command):
            return [self._tell(Level.CAUTION, f"No alert was set: {refusal}")]
        alert = Alert(
            command.action_id,
            command.kind,
            _place(command),
            command.way,
            command.level,
            self._clock.now(),
            command.repeats,
            command.limit,
            command.note.strip(),
        )
        reading = reading_of(alert, self._state.snapshot(), (), self._clock.now())
        alert = evaluated(alert, reading, self._clock.now())
        try:
            self._repository.save([alert], "added")
        except PersistenceError as error:
            return [self._tell(Level.ERROR, f"No alert was set: it could not be stored. {error}")]
        self._alerts[alert.alert_id] = alert
        self._publish()
        self._subscribe(alert.key.connection, alert.key.symbol)
        words = described(alert, self._state.snapshot())
        wait = " It is beyond that now: first it has to come back." if alert.armed is False else ""
        return [self._tell(Level.INFO, f"Alert set: {words}.{wait}")]

    def on_remove(self, command: alert_commands.RemoveAlert) -> list[Message]:
        """Forget an alert."""
        alert = self._alerts.get(command.alert_id)
        if alert is None:
            return []
        try:
            self._repository.remove(alert)
        except PersistenceError as error:
            return [self._tell(Level.ERROR, f"The alert was not removed: it could not be stored. {error}")]
        del self._alerts[alert.alert_id]
        for held in (self._unstored, self._blind_since_s):
            held.pop(alert.alert_id, None)
        self._told_blind.discard(alert.alert_id)
        self._publish()
        return []

    def on_switch(self, command: alert_commands.SwitchAlert) -> list[Message]:
        """Watch an alert anew, or leave it."""
        alert = self._alerts.get(command.alert_id)
        if alert is None or (command.on and alert.is_watched):
            return []
        self._take([switched(alert, command.on)], "switched on" if command.on else "switched off")
        if command.on:
            self._subscribe(alert.key.connection, alert.key.symbol)
        return self._evaluate([self._alerts[alert.alert_id]])

    def on_mark_read(self, command: alert_commands.MarkAlertsRead) -> list[Message]:
        """Note that the trader looked."""
        self._take([replace(one, unread=0) for one in self._alerts.values() if one.unread], "")
        return []

    # -- private ----------------------------------------------------------------------------------------------------

    def _refusal(self, command: alert_commands.AddAlert) -> str:
        if len(self._alerts) >= MAX_ALERTS:
            return f"there are {MAX_ALERTS} already. Remove some first."
        if not command.level.is_finite():
            return "its level is no number."
        if abs(command.level) >= FARTHEST:
            return "its level is out of reach."
        if len(command.note.strip()) > NOTE_CHARACTERS:
            return f"its note has more than {NOTE_CHARACTERS} characters."
        if command.kind is AlertKind.TIME_IN_TRADE and (command.level <= 0 or command.way is Way.BELOW):
            return "a time in trade only grows."
        if command.kind is not AlertKind.LIMIT and not command.key.symbol:
            return "it names no symbol."
        return ""

    def _watched(self) -> list[Alert]:
        return [one for one in self._alerts.values() if one.is_watched]

    def _evaluate(self, alerts: Iterable[Alert]) -> list[Message]:
        """Evaluate alerts, keep what moved, and tell what fired."""
        snapshot, now = self._state.snapshot(), self._clock.now()
        moved, fired = [], []
        for alert in alerts:
            after = evaluated(alert, reading_of(alert, snapshot, self._prices.get(alert.place, ()), now), now)
            if after != self._alerts[alert.alert_id]:
                moved.append(after)
            if after.fired > alert.fired:
                fired.append((after, bool(alert.reason)))
        if fired:
            self._take([one for one, _ in fired], "fired")
        self._take([one for one in moved if self._alerts[one.alert_id] != one], "")
        return [
            Announcement(
                Level.CAUTION, fired_text(one, snapshot, after_gap), now, _named(one), About.ALERT, one.alert_id
            )
            for one, after_gap in fired
        ]

    def _take(self, alerts: Sequence[Alert], cause: str) -> None:
        """Store what survives a restart, and publish."""
        if not alerts:
            return
        kept = [one for one in alerts if _stored(one) != _stored(self._alerts[one.alert_id])]
        self._alerts |= {one.alert_id: one for one in alerts}
        self._store(kept, cause)
        self._publish()

    def _store(self, alerts: Sequence[Alert], cause: str) -> None:
        waiting = {**self._unstored, **{one.alert_id: cause for one in alerts}}
        if not waiting:
            return
        try:
            for word in sorted(set(waiting.values())):
                names = [name for name, why in waiting.items() if why == word]
                self._repository.save([self._alerts[name] for name in names], word)
            self._unstored = {}
        except PersistenceError:
            # The store says itself that it refuses; what fired is told now and stored when it takes writes again.
            self._unstored = waiting
            self._store_at_s = self._clock.monotonic() + STORE_AGAIN_S

    def _publish(self) -> None:
        self._state.set_alerts(tuple(self._alerts.values()))

    def _subscribe(self, connection: str, symbol: str) -> None:
        broker = self._brokers.get(connection)
        if broker is not None and symbol:
            broker.subscribe(symbol)

    def _lost(self) -> list[Message]:
        """Tell that trades were dropped in a burst: a touch among them was not seen."""
        places, self._dropped = sorted(self._dropped), set()
        names = ", ".join(symbol for _, symbol in places)
        text = f"Prices of {names} were lost in a burst; an alert may have missed a touch."
        return [self._tell(Level.CAUTION, text)] if names else []

    def _blind(self, now_s: float) -> list[Message]:
        """Tell what could not be evaluated for a while, and what can be again; all of a cause in one sentence."""
        blind = {one.alert_id: one for one in self._alerts.values() if one.state is AlertState.NOT_EVALUATED}
        self._blind_since_s = {name: self._blind_since_s.get(name, now_s) for name in blind}
        new = {name for name, since_s in self._blind_since_s.items() if now_s - since_s >= PATIENCE_S}
        causes: dict[str, list[Alert]] = defaultdict(list)
        for name in sorted(new - self._told_blind):
            causes[blind[name].reason].append(blind[name])
        seeing = [self._alerts[name] for name in sorted(self._told_blind - blind.keys()) if name in self._alerts]
        self._told_blind = (self._told_blind & blind.keys()) | new
        follow: list[Message] = [
            self._tell(Level.CAUTION, f"{_counted(ones)} not evaluated: {reason.rstrip('.')}.")
            for reason, ones in sorted(causes.items())
        ]
        back = [one for one in seeing if one.is_watched]
        if back:
            follow.append(self._tell(Level.INFO, f"{_counted(back)} evaluated again."))
        return follow

    def _tell(self, level: Level, text: str) -> Announcement:
        return Announcement(level, text, self._clock.now())


def _place(command: alert_commands.AddAlert) -> PositionKey:
    """Return what is watched: a price has no account, a limit no symbol."""
    key = command.key
    if command.kind is AlertKind.PRICE:
        return replace(key, account="")
    return replace(key, symbol="") if command.kind is AlertKind.LIMIT else key


def _is_stirred(alert: Alert, prices: Sequence[Decimal]) -> bool:
    """Return whether prices can move an alert: one that is armed and far from them is not looked at any further."""
    if alert.kind is AlertKind.PRICE and alert.armed and not alert.reason:
        return any(alert.reached_by(price) for price in prices)
    return bool(prices)


def _named(alert: Alert) -> PositionKey | None:
    """Return the scope an alert speaks of; None where it has no symbol."""
    return alert.key if alert.key.symbol else None


def _stored(alert: Alert) -> Alert:
    """Return what of an alert is stored: why it is not evaluated now is of the moment."""
    return replace(alert, state=AlertState.ACTIVE, reason="") if alert.is_watched else alert


def _counted(alerts: Sequence[Alert]) -> str:
    names = ", ".join(sorted({one.key.symbol or one.key.account for one in alerts}))
    return f"1 alert on {names} is" if len(alerts) == 1 else f"{len(alerts)} alerts on {names} are"
