"""Asking the venue what its symbols are: one at a time, each answered, refused, or asked again."""

from decimal import Decimal
from itertools import count

import msgspec
import pytest

from core.model.instrument import Instrument
from services.dtc.border import Refusals
from services.dtc.definitions import ANSWER_WITHIN_S, ASK_AGAIN_AFTER_S, Definitions, SymbolWait
from services.dtc.messages.symbols import (
    SecurityDefinitionReject,
    SecurityDefinitionResponse,
    SecurityDefinitionResponseV2,
)
from tests.fakes.dtc_server import definition

pytestmark = pytest.mark.usefixtures("caplog")


@pytest.fixture
def definitions() -> Definitions:
    return Definitions(count(1), Refusals("x"))


def answer(symbol: str, request_id: int, **said: object) -> SecurityDefinitionResponse:
    return msgspec.structs.replace(definition(symbol), RequestID=request_id, **said)


def test_one_symbol_is_asked_at_a_time(definitions: Definitions) -> None:
    for symbol in ("ES", "NQ", "ES"):
        definitions.want(symbol)
    first = definitions.next_request(0.0)
    assert first is not None
    assert (first.Symbol, first.Exchange) == ("ES", "")
    assert definitions.next_request(1.0) is None
    definitions.on_definition(answer("ES", first.RequestID))
    second = definitions.next_request(1.0)
    assert second is not None
    assert second.Symbol == "NQ"
    assert second.RequestID != first.RequestID
    definitions.on_definition(answer("NQ", second.RequestID))
    assert definitions.next_request(100.0) is None


def test_an_urgent_symbol_is_asked_next(definitions: Definitions) -> None:
    for symbol in ("A", "B", "C"):
        definitions.want(symbol)
    definitions.want("C", urgent=True)
    definitions.want("D", urgent=True)
    order = []
    for _ in range(4):
        request = definitions.next_request(0.0)
        assert request is not None
        order.append(request.Symbol)
        definitions.on_definition(answer(request.Symbol, request.RequestID))
    assert order == ["D", "C", "A", "B"]


def test_a_definition_becomes_an_instrument_with_its_scale(definitions: Definitions) -> None:
    message = answer("ES", 0, DisplayPriceMultiplier=0.009999999776482582, PriceDisplayFormat=2)
    (instrument,) = definitions.on_definition(message)
    assert instrument == Instrument(
        "ES", Decimal("0.25"), Decimal("12.5"), "USD", "E-mini", price_format=2, quantity_step=Decimal(1)
    )
    scale = definitions.confirmed("ES")
    assert scale is not None
    assert scale.shown(400050.0) == (Decimal("4000.50"), True)


def test_the_second_generation_is_read_too(definitions: Definitions) -> None:
    message = SecurityDefinitionResponseV2(
        Symbol="6J", Description="Yen", MinPriceIncrement=0.0000005, CurrencyValuePerIncrement=6.25, Currency="USD"
    )
    (instrument,) = definitions.on_definition(message)
    assert (instrument.tick_size, instrument.tick_value) == (Decimal("0.0000005"), Decimal("6.25"))


@pytest.mark.parametrize("multiplier", [None, 0.0, 1.0])
def test_no_multiplier_means_one(definitions: Definitions, multiplier: float | None) -> None:
    definitions.on_definition(answer("ES", 0, DisplayPriceMultiplier=multiplier))
    scale = definitions.confirmed("ES")
    assert scale is not None
    assert scale.multiplier == 1


@pytest.mark.parametrize(
    ("divisor", "step"),
    [
        (None, "1"),
        (0.0, "1"),
        (1.0, "1"),
        (1000.0, "0.001"),
        (100_000_000.0, "0.00000001"),
        (3.0, "1"),
        (0.1, "1"),
        (-1000.0, "1"),
        (1e30, "1"),
    ],
)
def test_the_divisor_of_quantities_says_how_small_they_can_be(
    definitions: Definitions, divisor: float | None, step: str
) -> None:
    (instrument,) = definitions.on_definition(answer("BTC-PERP", 0, IntToFloatQuantityDivisor=divisor))
    assert instrument.quantity_step == Decimal(step)


def test_the_same_definition_again_is_not_reported_again_and_another_is(definitions: Definitions) -> None:
    assert len(definitions.on_definition(answer("ES", 0))) == 1
    assert definitions.on_definition(answer("ES", 0)) == []
    assert len(definitions.on_definition(answer("ES", 0, MinPriceIncrement=0.5))) == 1


@pytest.mark.parametrize(
    "shell",
    [
        {"MinPriceIncrement": None, "Description": ""},
        {"MinPriceIncrement": 0.0, "Description": ""},
        {"MinPriceIncrement": -0.25},
        {"DisplayPriceMultiplier": -1.0},
        {"DisplayPriceMultiplier": 1e15},
        {"DisplayPriceMultiplier": 1e-30},
        {"MinPriceIncrement": 1e-30},
        {"MinPriceIncrement": 1e20},
        {"CurrencyValuePerIncrement": 1e30},
    ],
)
def test_an_answer_that_defines_nothing_is_a_refusal(definitions: Definitions, shell: dict[str, object]) -> None:
    definitions.want("ES")
    request = definitions.next_request(0.0)
    assert request is not None
    (instrument,) = definitions.on_definition(answer("ES", request.RequestID, **shell))
    assert (instrument.tick_size, instrument.description) == (None, "The venue does not know this symbol.")
    assert definitions.settled("ES")
    assert definitions.scale("ES") is None


def test_an_empty_answer_refuses_the_symbol_asked(definitions: Definitions) -> None:
    definitions.want("ES")
    request = definitions.next_request(0.0)
    assert request is not None
    (instrument,) = definitions.on_definition(SecurityDefinitionResponse(RequestID=request.RequestID, IsFinalMessage=1))
    assert (instrument.symbol, instrument.tick_size) == ("ES", None)
    assert definitions.settled("ES")


def test_a_symbol_without_a_tick_but_with_a_description_has_a_scale(definitions: Definitions) -> None:
    (instrument,) = definitions.on_definition(answer("INDEX", 0, MinPriceIncrement=0.0))
    assert instrument.tick_size is None
    assert definitions.confirmed("INDEX") is not None


def test_a_refusal_is_told_with_the_venues_words(definitions: Definitions) -> None:
    definitions.want("ES")
    request = definitions.next_request(0.0)
    assert request is not None
    (instrument,) = definitions.on_refusal(
        SecurityDefinitionReject(RequestID=request.RequestID, RejectText="no such thing"), 0.0
    )
    assert (instrument.symbol, instrument.description) == ("ES", "no such thing")
    assert definitions.next_request(1000.0) is None


def test_a_refusal_without_a_number_means_too_quick_and_is_asked_again_three_times(definitions: Definitions) -> None:
    definitions.want("ES")
    now_s = 0.0
    for _ in range(3):
        assert definitions.next_request(now_s) is not None
        assert definitions.on_refusal(SecurityDefinitionReject(), now_s) == []
        assert definitions.next_request(now_s + 0.5) is None
        now_s += 1.0
    assert definitions.next_request(now_s) is not None
    assert len(definitions.on_refusal(SecurityDefinitionReject(), now_s)) == 1


def test_silence_lets_the_others_go_on_and_is_asked_again_later(definitions: Definitions) -> None:
    definitions.want("ES")
    definitions.want("NQ")
    assert definitions.next_request(0.0) is not None
    second = definitions.next_request(ANSWER_WITHIN_S)
    assert second is not None
    assert second.Symbol == "NQ"
    definitions.on_definition(answer("NQ", second.RequestID))
    assert definitions.next_request(ANSWER_WITHIN_S + 1) is None
    again = definitions.next_request(ANSWER_WITHIN_S + ASK_AGAIN_AFTER_S)
    assert again is not None
    assert again.Symbol == "ES"


def test_a_late_answer_still_counts(definitions: Definitions) -> None:
    definitions.want("ES")
    first = definitions.next_request(0.0)
    assert first is not None
    assert definitions.next_request(ANSWER_WITHIN_S) is None
    definitions.on_definition(answer("ES", first.RequestID))
    assert definitions.settled("ES")
    assert definitions.next_request(1000.0) is None


def test_an_answer_nobody_asked_for_is_taken(definitions: Definitions) -> None:
    assert len(definitions.on_definition(answer("ES", 110_000_000))) == 1
    assert definitions.confirmed("ES") is not None


def test_a_new_connection_confirms_anew_and_reads_with_the_last_known_scale(definitions: Definitions) -> None:
    definitions.want("ES")
    request = definitions.next_request(0.0)
    assert request is not None
    definitions.on_definition(answer("ES", request.RequestID))
    definitions.begin()
    assert not definitions.settled("ES")
    assert definitions.confirmed("ES") is None
    assert definitions.scale("ES") is not None
    again = definitions.next_request(0.0)
    assert again is not None
    assert again.Symbol == "ES"
    definitions.on_definition(answer("ES", again.RequestID, DisplayPriceMultiplier=0.01))
    scale = definitions.confirmed("ES")
    assert scale is not None
    assert scale.multiplier == Decimal("0.01")


def test_a_wait_ends_when_every_symbol_is_settled_or_after_a_while(definitions: Definitions) -> None:
    wait = SymbolWait(definitions)
    assert not wait.over(["ES"], 0.0)
    request = definitions.next_request(0.0)
    assert request is not None
    definitions.on_definition(answer("ES", request.RequestID))
    assert wait.over(["ES"], 1.0)
    assert not wait.over(["ES", "NQ"], 2.0)
    assert wait.over(["ES", "NQ"], ANSWER_WITHIN_S)
