"""Text of one byte a character."""

import pytest

from services.dtc.text import decode, decode_field, encode


def test_every_byte_is_a_character_and_comes_back() -> None:
    every = bytes(range(256))
    assert len(set(decode(every))) == 256
    assert encode(decode(every)) == every


def test_the_code_page_is_the_one_of_windows() -> None:
    assert decode(b"\x80 5 \x96 \xfc") == "€ 5 \u2013 ü"


def test_a_field_ends_at_its_first_zero_or_at_its_end() -> None:
    assert decode_field(b"ES\0garbage\0") == "ES"
    assert decode_field(b"ES") == "ES"
    assert decode_field(b"\0\xff") == ""


def test_a_character_without_a_byte_is_an_error_or_a_question_mark() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode("株")
    assert encode("株x", "replace") == b"?x"
