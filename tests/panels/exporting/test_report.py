"""The printed report: every row on some page, and a file that ends."""

import re

import pytest
from PySide6.QtWidgets import QApplication

from core.sheet import Paper
from panels.exporting.report import printed


def paper(rows: int) -> Paper:
    """Return a report of so many rows, one of its columns wider than a page."""
    return Paper(
        "Orders",
        ("Filter: es",),
        ("Time", "Qty", "Reason"),
        (True, True, False),
        (74, 44, 300),
        [(f"15:{row // 60:02d}:{row % 60:02d}", str(row), "a long reason " * (row % 40)) for row in range(rows)],
    )


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (12, 1), (300, 8)])
def test_a_report_has_as_many_pages_as_its_rows_need(qapp: QApplication, rows: int, pages: int) -> None:
    content = printed(paper(rows))
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert [int(one) for one in re.findall(rb"/Count (\d+)", content)] == [pages]
