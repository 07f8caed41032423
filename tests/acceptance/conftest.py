"""The view on its bench, as the panels' own tests have it."""

from tests.panels.conftest import bench, clock, ids, theme, view

__all__ = ["bench", "clock", "ids", "theme", "view"]
