"""Gives what was written beside a file the file's name, also while somebody has a look at it.

Windows refuses that for as long as anybody has one of the two open, and a virus scanner, an indexer, a synchroniser or
another process of this program opens what has just been written, for some milliseconds.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

# A second and a half altogether; whoever holds a file for longer is somebody's doing.
PAUSES_S: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.4)


def put_in_place(
    draft: Path, path: Path, pauses_s: Sequence[float] = PAUSES_S, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Rename a draft to `path`, in the place of what has that name; tried again for a moment where that is refused.

    Any thread that may wait so long. Elsewhere than on Windows a refusal is no matter of time, and is raised at once.

    Args:
        pauses_s: between one try and the next, seconds.

    Raises:
        OSError: the draft is still where it was, and so is the file.
    """
    for pause_s in pauses_s:
        try:
            os.replace(draft, path)
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) is None:
                raise
        sleep(pause_s)
    os.replace(draft, path)
