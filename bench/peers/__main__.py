"""Measures queries beside other GraphQL servers, each on one core, by turns, with the same answers.

Run it with `make bench`, or `python -m bench.peers [memory | stored | growth | flames] [--query NAME] [--rounds N]`.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.peers.flame import draw_flames
from bench.peers.growth import measure_growth
from bench.peers.in_memory import measure_in_memory
from bench.peers.over_store import measure_over_store
from bench.peers.servers import LOAD_CORE, install

ROUNDS = 9
MEASUREMENTS = {
    "memory": measure_in_memory,
    "stored": measure_over_store,
    "growth": measure_growth,
    "flames": draw_flames,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("what", nargs="?", choices=tuple(MEASUREMENTS), help="all of it, one after the other, without")
    parser.add_argument("--query", choices=("dashboard", "small"), action="append", dest="queries", default=[])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    install()
    reached = True
    for what in [options.what] if options.what else list(MEASUREMENTS):
        with TemporaryDirectory(prefix="peers") as directory:
            measuring = MEASUREMENTS[what](options.queries, rounds=options.rounds, directory=Path(directory))
            reached &= asyncio.run(measuring)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
