"""Make the pictures of the documentation: the real program, its simulator, and a hand on its widgets.

    python docs/pictures.py [FOLDER]

Runs without a display. A position is bought, the process is killed under it, and the next start shows the recovery
dialog; every picture is taken of the window as it stands. What a market does not do to order is drawn by the same
window from made-up snapshots (demo_pictures.py).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRIVER = ROOT / "tests" / "end_to_end" / "window_process.py"
DEMO = ROOT / "docs" / "demo_pictures.py"

# What the offscreen platform pretends to have.
SCREEN = "screen.json"
A_SCREEN = {"name": "desk", "x": 0, "y": 0, "width": 1920, "height": 1200, "dpr": 1}
A_SCREEN |= {"logicalDpi": 96, "logicalBaseDpi": 96}

FIRST_RUN = (
    "ready",
    "picture:{folder}/flat-dark.png",
    "pause:10",
    "buy:2",
    "stop:20",
    "limit:30",
    "pause:8",
    "picture:{folder}/position-dark.png",
    "theme:light",
    "picture:{folder}/position-light.png",
    "size:1200x720",
    "picture:{folder}/position-light-small.png",
    "theme:dark",
    "picture:{folder}/position-dark-small.png",
    "kill",
)
SECOND_RUN = (
    "recovery",
    "pause:1",
    "picture:{folder}/recovery-dark.png",
    "theme:light",
    "picture:{folder}/recovery-light.png",
    "ready",
    "close",
    "pause:4",
    "picture:{folder}/closed-light.png",
    "buy:1",
    "pause:12",
    "close",
    "pause:4",
    "buy:3",
    "pause:12",
    "close",
    "trades:3",
    "pause:8",
    "picture:{folder}/statistics-light.png",
    "theme:dark",
    "picture:{folder}/statistics-dark.png",
    "quit",
)


def main() -> int:
    """Take every picture; returns 0 when all were taken."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs" / "pictures").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        (Path(data) / SCREEN).write_text(json.dumps({"screens": [A_SCREEN]}))
        _run(data, folder, FIRST_RUN)
        code = _run(data, folder, SECOND_RUN) or _start(data, str(DEMO), str(folder))
    for picture in sorted(folder.glob("*.png")):
        sys.stdout.write(f"{picture}\n")
    return code


def _run(data: str, folder: Path, steps: tuple[str, ...]) -> int:
    return _start(data, str(DRIVER), data, "sim", *(step.format(folder=folder) for step in steps))


def _start(data: str, *command: str) -> int:
    screen = f"offscreen:configfile={data}/{SCREEN}"
    environment = {**os.environ, "QT_QPA_PLATFORM": screen, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *command], env=environment, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
