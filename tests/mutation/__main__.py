"""Mutation checks by hand: `python -m tests.mutation [-j JOBS] MODULE [MODULE …]`, or `all` of them."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation.modules import all_modules
from tests.mutation.mutants import check


def main(arguments: list[str]) -> int:
    """Check the modules named; print each survivor's change, and then the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="+", choices=(*all_modules(), "all"), metavar="MODULE")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="mutants tried at a time")
    asked = parser.parse_args(arguments)
    scores = []
    for module in all_modules() if "all" in asked.modules else asked.modules:
        with TemporaryDirectory() as folder:
            scores.append(check(module, Path(folder), asked.jobs))
        sys.stdout.write("\n".join((*scores[-1].survivors.values(), str(scores[-1]), "")))
        sys.stdout.flush()
    rows = "".join(f"| {one.module} | {one.total} | {one.killed} | {one.percent:.1f} |\n" for one in scores)
    sys.stdout.write(f"\n| module | mutants | killed | % |\n|---|---|---|---|\n{rows}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
