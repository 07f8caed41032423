"""The page of every picture, which is made and not written:

    python docs/pages.py

A test compares what is stored with what would be made.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.scenes import SCENES

PAGES = Path(__file__).resolve().parent


def gallery_page() -> str:
    """Return the page of every picture."""
    lines = ["# Every picture", "", "Made by `python docs/pictures.py`, 1440 × 900.", ""]
    lines += ["| dark | light |", "|---|---|"]
    for scene in SCENES:
        for zoom in scene.zooms:
            suffix = "" if zoom == 100 else f"-{zoom}"
            dark, light = (f"pictures/{scene.name}-{theme}{suffix}.png" for theme in ("dark", "light"))
            lines.append(f"| ![{scene.name}]({dark}) | ![]({light}) |")
    return "\n".join([*lines, ""])


MADE = {"gallery.md": gallery_page}


def main() -> int:
    """Write it; returns 0."""
    for name, make in MADE.items():
        (PAGES / name).write_text(make(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
