"""Which of the viewer's modules a page needs before the film is on screen."""

from __future__ import annotations

import functools
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
_IMPORT = re.compile(r"^import .*? from '(\.[^']+)';", re.MULTILINE)


@functools.cache
def graph(module: str, root: Path = STATIC) -> tuple[str, ...]:
    """Return a module and all it imports statically, each once, for ``modulepreload``.

    Parameters
    ----------
    module : str
        Path below ``root``, such as ``viewer/viewer.js``.

    Returns
    -------
    tuple of str
        Paths below ``root``, the module itself first. What is imported on demand is left out.
    """
    found: list[str] = []
    ahead = [module]
    while ahead:
        name = ahead.pop(0)
        if name in found:
            continue
        found.append(name)
        here = root / name
        for relative in _IMPORT.findall(here.read_text(encoding="utf-8")):
            ahead.append((here.parent / relative).resolve().relative_to(root).as_posix())
    return tuple(found)
