"""Which modules are checked by mutation, and which tests are run against their mutants.

A module's tests are its mirror, `tests/core/model/test_NAME.py`, and what MORE names. They are the quick ones: what the
properties and the tests of the services would notice besides is not counted. A test that does not touch the changed
function costs nothing: it is not run.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECONCILIATION = "services/reconciliation.py"
_GUARDS = ("tests/core/model/test_guards.py", "tests/core/model/test_guard_verdicts.py")
MORE: dict[str, tuple[str, ...]] = {
    "core/model/contract.py": ("tests/core/model/test_expiry.py",),
    "core/model/guard_day.py": _GUARDS,
    "core/model/guard_rules.py": (*_GUARDS, "tests/app/test_guard_settings.py"),
    "core/model/guards.py": _GUARDS,
    "core/model/sanity_texts.py": ("tests/app/test_limit_settings.py",),
    "core/model/uncertainty.py": ("tests/core/model/test_statistics.py",),
    RECONCILIATION: ("tests/services/test_missed_fills.py",),
}
# Nothing in them runs but the making of a class, or of a calendar while the module is imported.
WITHOUT_BEHAVIOUR = ("__init__.py", "errors.py", "guard_lock.py", "holidays.py", "session_marks.py")


def all_modules() -> tuple[str, ...]:
    """Return the modules that are checked, by path from the top of the checkout, sorted."""
    model = (ROOT / "core" / "model").glob("*.py")
    return (*sorted(f"core/model/{one.name}" for one in model if one.name not in WITHOUT_BEHAVIOUR), RECONCILIATION)


def covering(module: str) -> tuple[str, ...]:
    """Return the test files run against the mutants of a module, by path from the top of the checkout."""
    path = Path(module)
    mirror = f"tests/{path.parent.as_posix()}/test_{path.name}"
    own = (mirror,) if (ROOT / mirror).exists() else ()
    return tuple(dict.fromkeys((*own, *MORE.get(module, ()))))
