"""Scopes and accounts."""

from core.model.scope import Account, AccountKey, Mode, PositionKey


def test_an_account_nobody_classified_acts_as_real_money() -> None:
    key = AccountKey("sc", "APEX-1")
    assert Account(key).acting_mode is Mode.LIVE
    assert [Account(key, mode).acting_mode for mode in Mode] == list(Mode)


def test_a_scope_names_its_account_and_reads_well() -> None:
    scope = PositionKey("sc", "APEX-1", "ESZ6")
    assert scope.account_key == AccountKey("sc", "APEX-1")
    assert (str(scope), str(scope.account_key)) == ("ESZ6·APEX-1@sc", "APEX-1@sc")
