"""Make the pictures of the documentation, all of them or those whose name begins so:

    python docs/pictures.py [NAME …]

Runs without a display. Every picture is drawn by the window itself from made-up data, always the same; a test compares
what is stored with what the window looks like.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from docs.scenes import DRAWINGS, PICTURES
from docs.small_picture import small


def main() -> int:
    """Draw them; returns 0, or 2 when nothing is called so."""
    app = QApplication(sys.argv[:1])
    names = sys.argv[1:]
    wanted = [one for one in DRAWINGS if not names or any(one.file.startswith(name) for name in names)]
    for drawing in wanted:
        small(drawing.draw()).save(str(PICTURES / drawing.file), quality=0)
        sys.stdout.write(f"{drawing.file}\n")
    app.quit()
    return 0 if wanted else 2


if __name__ == "__main__":
    sys.exit(main())
