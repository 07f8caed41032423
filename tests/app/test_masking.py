"""What leaves in a bundle holds no password, no logon name and no account number, wherever they stood."""

import json
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.masking import Masking

NAME = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_characters="•"), min_size=3, max_size=16)
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="•"), max_size=40)


@given(st.lists(NAME, min_size=1, max_size=4), st.lists(WORDS, min_size=2, max_size=6))
def test_no_name_is_left_wherever_it_stood_and_however_often(names: list[str], around: list[str]) -> None:
    masking = Masking(names)
    text = "".join(part + names[at % len(names)] for at, part in enumerate(around))
    for told in (text, json.dumps({"account": text})):
        hidden = masking.text(told)
        for name in names:
            assert name not in hidden or set(name) <= set("•0123456789~")
            assert json.dumps(name)[1:-1] not in hidden or set(name) <= set("•0123456789~")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=4, max_size=20), WORDS)
def test_no_known_password_is_left(password: str, around: str) -> None:
    secret = password + "⁂"
    hidden = Masking([], [secret]).text(f"{around}{secret}{around} {json.dumps(secret)}")
    assert secret not in hidden and json.dumps(secret)[1:-1] not in hidden


@given(
    st.sampled_from(["password", "Passwd", "passphrase", "secret", "token", "api_key", "apikey", "API_KEY"]),
    st.sampled_from(["=", ": ", " = ", '": "', "='"]),
    st.from_regex(r"[A-Za-z0-9$!#%/+]{6,24}", fullmatch=True),
    WORDS,
)
def test_a_secret_that_stands_beside_its_name_is_left_out(name: str, between: str, value: str, around: str) -> None:
    value = f"{value}Zq9"
    assert value not in Masking([]).text(f"{around.replace(value, '')} {name}{between}{value}")


@given(st.from_regex(r"[a-z][a-z0-9.]{2,12}", fullmatch=True), st.from_regex(r"[A-Za-z0-9!$]{4,12}", fullmatch=True))
def test_user_and_password_of_an_address_are_left_out(user: str, password: str) -> None:
    text = f'slugs = {{"dtc://{user}Qx:{password}Zy@10.0.0.1:11099" = "sierra"}}'
    hidden = Masking([]).text(text)
    assert f"{user}Qx" not in hidden and f"{password}Zy" not in hidden and "10.0.0.1" in hidden


def test_an_account_has_one_number_everywhere_and_the_home_folder_is_a_tilde() -> None:
    masking = Masking(["ACCT-123", "ACCT-1234"], home=PurePosixPath("/home/jane"))
    text = "ACCT-123 bought; ACCT-1234 sold; ACCT-123 closed; /home/jane/.local"
    assert masking.text(text) == "•2• bought; •1• sold; •2• closed; ~/.local"


def test_what_is_no_secret_stays_as_it_was() -> None:
    text = '{"event": "fill booked before", "symbol": "ESZ25_FUT_CME", "price": "5050.25"}'
    assert Masking(["ACCT-123"]).text(text) == text


@pytest.mark.parametrize("name", ["jane", "Jörg Müller", "j.doe (work)"])
def test_the_home_folder_of_windows_is_a_tilde_however_it_is_written(name: str) -> None:
    home = PureWindowsPath(f"C:/Users/{name}")
    masking, file = Masking([], home=home), str(home / "AppData" / "stanchion.sqlite3")
    for written in (file, file.lower(), file.replace("\\", "/"), repr(file), f"file:///{file}"):
        for told in (written, json.dumps({"error": written}), json.dumps({"error": written}, ensure_ascii=False)):
            hidden = masking.text(told)
            assert "~" in hidden and "stanchion" in hidden
            assert name.split(maxsplit=1)[0].lower() not in hidden.lower() and "users" not in hidden.lower(), hidden
