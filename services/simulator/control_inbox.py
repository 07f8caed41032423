"""Where control verbs come from: other threads, the control file, and faults the simulator was started with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Final

from services.simulator.control_file import ControlFile
from services.simulator.errors import BadControl
from services.simulator.settings import SimulatorSettings

Apply = Callable[[str, Mapping[str, Any]], dict[str, Any]]
_POLL_S: Final = 0.05

_log = logging.getLogger(__name__)


class ControlInbox:
    """Collects verbs; the server's thread carries them out with `run`."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._asked: SimpleQueue[tuple[str, Mapping[str, Any], Future[dict[str, Any]]]] = SimpleQueue()
        self._file = ControlFile(settings.data_dir) if settings.control_file else None
        self._polled = 0.0
        self._planned = sorted(settings.faults, key=lambda each: each.after_s)
        self._began = 0.0

    @property
    def is_watching(self) -> bool:
        """Whether something may come that rings no bell."""
        return self._file is not None or bool(self._planned)

    def ask(self, verb: str, arguments: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Have a verb carried out with the next `run`. Any thread."""
        future: Future[dict[str, Any]] = Future()
        self._asked.put((verb, arguments, future))
        return future

    def begin(self, apply: Apply, now: float) -> None:
        """Count the time of planned faults from now, and carry out those that are there from the start.

        Args:
            now: monotonic seconds.
        """
        self._began = now
        self._run_planned(apply, now)

    def run(self, apply: Apply, now: float) -> None:
        """Carry out what has come.

        Raises:
            Whatever `apply` raised but BadControl, which is the answer to who asked.
        """
        while True:
            try:
                verb, arguments, future = self._asked.get_nowait()
            except Empty:
                break
            try:
                future.set_result(apply(verb, arguments))
            except BadControl as error:
                future.set_exception(error)
            except Exception as error:
                future.set_exception(error)
                raise
        self._run_planned(apply, now)
        if self._file is not None and now - self._polled >= _POLL_S:
            self._polled = now
            self._file.poll(apply)

    def _run_planned(self, apply: Apply, now: float) -> None:
        while self._planned and self._planned[0].after_s <= now - self._began:
            fault = self._planned.pop(0)
            _log.info("fault %s %s", fault.verb, dict(fault.arguments))
            apply(fault.verb, fault.arguments)
