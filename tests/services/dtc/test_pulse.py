"""Heartbeats and silence on a clock moved by hand."""

from services.dtc.pulse import Pulse
from services.dtc.session_events import LinkAlive, LinkDoubtful, PeerSilent, SessionEvent, Stalled


def weighed(pulse: Pulse, *moments: float) -> list[SessionEvent]:
    return [event for now in moments for event in pulse.weigh(now)]


def test_a_heartbeat_is_due_once_an_interval() -> None:
    pulse = Pulse(10, 0.0)
    assert [now for now in range(35) if pulse.beat_is_due(now)] == [10, 20, 30]


def test_silence_is_doubtful_from_one_and_a_half_intervals_and_death_beyond_two() -> None:
    pulse = Pulse(10, 0.0)
    assert weighed(pulse, 7.0, 14.9) == []
    assert not pulse.doubtful
    assert weighed(pulse, 15.0, 17.0, 20.0) == [LinkDoubtful(15.0)]
    assert pulse.doubtful
    [dead] = weighed(pulse, 20.1)
    assert isinstance(dead, PeerSilent)
    assert dead.may_reconnect
    assert "every 10 s" in dead.reason


def test_any_message_ends_the_doubt() -> None:
    pulse = Pulse(10, 0.0)
    weighed(pulse, 8.0, 16.0)
    assert pulse.heard(17.0) == [LinkAlive()]
    assert not pulse.doubtful
    assert pulse.heard(18.0) == []
    assert weighed(pulse, 20.0, 30.0) == []
    assert weighed(pulse, 33.0) == [LinkDoubtful(15.0)]


def test_a_stall_of_our_own_is_told() -> None:
    pulse = Pulse(10, 0.0)
    pulse.heard(60.0)  # what had piled up in the socket is read first
    assert weighed(pulse, 60.0) == [Stalled(60.0)]
    assert weighed(pulse, 61.0) == []
