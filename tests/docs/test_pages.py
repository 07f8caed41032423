"""The pages a trader reads: those that are made are up to date, and every link of every page leads somewhere."""

import re
from pathlib import Path

import pytest

from docs.pages import MADE, PAGES

ROOT = PAGES.parent
WRITTEN = sorted((*PAGES.glob("*.md"), ROOT / "README.md"))
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return what can be linked to on a page."""
    words = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in words}


@pytest.mark.parametrize("name", MADE)
def test_a_made_page_is_what_would_be_made_now(name: str) -> None:
    assert (PAGES / name).read_text(encoding="utf-8") == MADE[name](), "python docs/pages.py makes it anew"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    astray = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        target, _, anchor = link.partition("#")
        where = (page.parent / target).resolve() if target else page
        if not target.startswith(("http:", "https:")) and (
            not where.exists() or (anchor and where.suffix == ".md" and anchor not in anchors(where))
        ):
            astray.append(link)
    assert astray == []


def test_every_page_is_reached_from_the_first() -> None:
    first = (PAGES / "README.md").read_text(encoding="utf-8")
    assert [
        page.name for page in PAGES.glob("*.md") if page.name != "README.md" and f"({page.name})" not in first
    ] == []
