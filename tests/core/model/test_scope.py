"""Scopes and accounts."""

from core.model.scope import Account, AccountKey, Mode, PositionKey, account_to_show


def test_an_account_nobody_classified_acts_as_real_money() -> None:
    key = AccountKey("sc", "APEX-1")
    assert Account(key).acting_mode is Mode.LIVE
    assert [Account(key, mode).acting_mode for mode in Mode] == list(Mode)


def test_a_scope_names_its_account_and_reads_well() -> None:
    scope = PositionKey("sc", "APEX-1", "ESZ6")
    assert scope.account_key == AccountKey("sc", "APEX-1")
    assert (str(scope), str(scope.account_key)) == ("ESZ6·APEX-1@sc", "APEX-1@sc")


def test_the_account_shown_first_is_the_named_one_or_one_that_holds_something_or_the_first() -> None:
    first, second, third = (AccountKey("sc", name) for name in ("A", "B", "C"))
    accounts, scope = (first, second, third), PositionKey("sc", "B", "ESZ6")
    assert account_to_show(accounts, (scope,), "C") == third
    assert account_to_show(accounts, (scope,), "") == second
    assert account_to_show(accounts, (PositionKey("sim", "C", "ESZ6"),), "D") == first
    assert account_to_show(accounts, (), "B") == second
    assert account_to_show((), (scope,), "A") is None
