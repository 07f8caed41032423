"""Replay one seed with everything that happens in it: `python -m tests.simulation SEED`."""

import sys

from tests.simulation.life import Life
from tests.simulation.seeds import quiet_log


def main(arguments: list[str]) -> int:
    """Play the seeds named and write down what happens."""
    if not arguments or not all(one.isdigit() for one in arguments):
        sys.stderr.write("usage: python -m tests.simulation SEED [SEED ...]\n")
        return 2
    with quiet_log():
        for seed in arguments:
            Life(int(seed), _tell).run()
            _tell(f"seed {seed}: every invariant held")
    return 0


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
