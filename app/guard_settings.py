"""The [guards] of settings.toml: the limits of an account, by connection and account.

[guards."sierra/ACCT-123"]
day_loss = "500"
day_loss_then = "flatten"        # warn, block (if nothing is said), flatten

Every rule stands in `core.model.guard_texts`. What is made looser counts from the next session, what is made tighter
at once.
"""

from collections.abc import Mapping

from core.model.guard_rules import GuardRules
from core.model.guard_texts import Texts, rules_from_texts, rules_to_texts
from core.model.scope import AccountKey

GuardsByAccount = Mapping[AccountKey, GuardRules]


def guards_from_table(table: object) -> GuardsByAccount:
    """Return the limits of a table, by account.

    Raises:
        ValueError: a place that is no account, or a rule that cannot be one.
    """
    if not isinstance(table, dict):
        raise ValueError('[guards] must hold tables such as [guards."sierra/ACCT-123"]')
    found = {}
    for place, rules in table.items():
        connection, _, account = place.partition("/")
        if not connection or not account:
            raise ValueError(f'[guards."{place}"]: expected CONNECTION/ACCOUNT')
        try:
            found[AccountKey(connection, account)] = rules_from_texts(rules)
        except ValueError as error:
            raise ValueError(f'[guards."{place}"] {error}') from error
    return found


def guards_to_table(guards: GuardsByAccount) -> dict[str, Texts]:
    """Return limits as a table of texts."""
    return {f"{key.connection}/{key.account}": rules_to_texts(rules) for key, rules in guards.items()}
