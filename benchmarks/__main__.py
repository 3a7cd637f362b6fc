"""``make bench``: every measurement, in one run. ``make bench ARGS=simulator`` runs one.

Sheets of pictures and what needs a folder are run by themselves: ``python -m benchmarks.NAME``.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks

#: Needs a folder, which must be named: of real films, or for what takes long.
ALONE = {"forgery_films", "realism", "truth"}


def main(wanted: list[str]) -> int:
    """Run the named measurements, or all of them."""
    found = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_"]
    names = sorted(n for n in found if n not in ALONE and not n.endswith(("_sheet", "_sheets")))
    unknown = set(wanted) - set(names)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}")
        return 2
    for name in wanted or names:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
