"""The page of keys in the documentation says what the table of actions has."""

from pathlib import Path

from panels.actions import ACTIONS

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


def test_every_action_stands_in_the_documentation_with_its_keys() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.endswith("` |")]
    wanted = []
    for one in ACTIONS:
        keys = " or ".join(one.keys) or "—"
        mark = " *" if one.while_typing and one.keys else ""
        wanted.append(f"| {keys}{mark} | {one.words} | `{one.name}` |")
    assert sorted(rows) == sorted(wanted)
