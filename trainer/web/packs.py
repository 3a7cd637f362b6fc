"""Scripts as they are sent: without comments, and modules that always come together as one.

The sources are plain ES modules and can be served as they are; packing is done in memory when the
program starts. A pack holds an entry (a page's module, or one that is imported on demand) with all
that only it needs; what the first entry holds is taken from there. It relies on how this house
writes modules: named imports and exports, no ``as``, declarations at the start of a line. What does
not fit is refused, with the name and the line to mend.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import rjsmin  # type: ignore[import-untyped]

_IMPORT = re.compile(r"^import (\{[^}]*\}|\* as (\w+)) from '(\.[^']+)';\n?", re.MULTILINE)
_ON_DEMAND = re.compile(r"\b(?:import|new URL)\('(\.[^']+\.js)'")
_DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) ([\w$]+)", re.MULTILINE
)
_EXPORTED = re.compile(
    r"^export (?:(?:async )?(?:function\*?|class|const|let) ([\w$]+)|\{([^}]*)\};)", re.MULTILINE
)
_TEXT = re.compile(
    r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`", re.DOTALL
)
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)


VIEWER = "viewer/viewer.js"


class PackError(ValueError):
    """A module that cannot be packed: which, and why."""


@dataclass(frozen=True, slots=True)
class Module:
    """A source module.

    Parameters
    ----------
    name : str
        Path below the root.
    imports : tuple of (str, tuple of str, str)
        For each static import: the module, the names, and the namespace's name or ``""``.
    on_demand : tuple of str
        Modules it imports when they are wanted.
    exports, declares : tuple of str
        Names at the top level.
    body : str
        Its source without imports and without the word ``export``.
    """

    name: str
    imports: tuple[tuple[str, tuple[str, ...], str], ...]
    on_demand: tuple[str, ...]
    exports: tuple[str, ...]
    declares: tuple[str, ...]
    body: str


def read(root: Path, name: str) -> Module:
    """Read a source module.

    Raises
    ------
    PackError
        When it imports or exports in a way that cannot be packed.
    """
    source = (root / name).read_text(encoding="utf-8")
    imports = []
    for names, space, where in _IMPORT.findall(source):
        wanted = () if space else tuple(re.findall(r"[\w$]+", names))
        if "as" in wanted:
            raise PackError(f"{name}: {names}: import it under its own name")
        imports.append((_below(name, where), wanted, space))
    body = _IMPORT.sub("", source)
    if re.search(r"^import\b(?!\()|^export default", body, re.MULTILINE):
        raise PackError(f"{name}: only named imports and exports can be packed")
    exports: list[str] = []
    for one, several in _EXPORTED.findall(body):
        exports += [one] if one else re.findall(r"[\w$]+", several)
    body = re.sub(r"^export \{[^}]*\};\n?", "", body, flags=re.MULTILINE)
    return Module(
        name,
        tuple(imports),
        tuple(_below(name, where) for where in _ON_DEMAND.findall(_COMMENT.sub("", body))),
        tuple(exports),
        tuple(_DECLARED.findall(body)),
        re.sub(r"^export ", "", body, flags=re.MULTILINE),
    )


def _below(name: str, where: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), where))


def pack(root: Path, first: str) -> dict[str, str]:
    """Pack a module with all it leads to.

    Parameters
    ----------
    root : Path
        The folder of the sources.
    first : str
        The module a page begins with, below ``root``.

    Returns
    -------
    dict of str to str
        The source of each pack by the name of its entry; a module inside a pack has none of its
        own.

    Raises
    ------
    PackError
        When two modules of one pack use a name for two things.
    """
    modules: dict[str, Module] = {}
    entries = [first]
    ahead = [first]
    while ahead:
        name = ahead.pop()
        if name in modules:
            continue
        one = modules[name] = read(root, name)
        entries += [other for other in one.on_demand if other not in entries]
        ahead += [*one.on_demand, *(other for other, _, _ in one.imports)]
    taken: set[str] = set()
    reach: dict[str, list[str]] = {}
    for entry in entries:
        if entry not in taken:
            reach[entry] = _order(entry, modules, taken | (set(entries) - {entry}))
            taken |= set(reach[entry]) if entry == first else set()
    used = Counter(name for names in reach.values() for name in names)
    inside = {
        entry: [n for n in names if used[n] == 1 or n == entry] for entry, names in reach.items()
    }
    inside |= {name: [name] for name, count in used.items() if count > 1 and name not in reach}
    home = {name: entry for entry, names in inside.items() for name in names}
    return {entry: _write(entry, names, home, modules) for entry, names in inside.items()}


def _order(entry: str, modules: dict[str, Module], stop: set[str]) -> list[str]:
    """Return what an entry imports, each after what it needs, as a browser would run it."""
    found: list[str] = []
    begun: set[str] = set()

    def visit(name: str) -> None:
        begun.add(name)
        for other, _, _ in modules[name].imports:
            if other not in begun and other not in stop:
                visit(other)
        found.append(name)

    visit(entry)
    return found


def _write(entry: str, names: list[str], home: dict[str, str], modules: dict[str, Module]) -> str:
    """Return the source of one pack."""
    declared = Counter(d for name in names for d in modules[name].declares)
    foreign: dict[str, set[str]] = {}
    for name in names:
        for other, wanted, space in modules[name].imports:
            declared[space] += bool(space)
            if space and home[other] != entry:
                raise PackError(f"{name}: import {other} by its names")
            if home[other] != entry:
                foreign.setdefault(home[other], set()).update(wanted)
    declared.update(wanted for several in foreign.values() for wanted in several)
    twice = sorted(d for d, count in declared.items() if count > 1)
    if twice:
        raise PackError(f"{entry}: {', '.join(twice)} means two things in one pack: rename one")
    asked = {
        wanted
        for one in modules.values()
        if home[one.name] != entry
        for other, several, _ in one.imports
        if home[other] == entry
        for wanted in several
    } | set(modules[entry].exports)
    spaces = {other: space for name in names for other, _, space in modules[name].imports if space}
    lines = [
        f"import {{ {', '.join(sorted(wanted))} }} from '{_from(entry, other)}';"
        for other, wanted in sorted(foreign.items())
    ]
    for name in names:
        lines.append(_led(modules[name], entry, home))
        if name in spaces:
            lines.append(f"const {spaces[name]} = {{ {', '.join(modules[name].exports)} }};")
    if asked:
        lines.append(f"export {{ {', '.join(sorted(asked))} }};")
    return "\n".join(lines)


def _led(module: Module, entry: str, home: dict[str, str]) -> str:
    """Return a module's body with what it imports on demand named from the pack it lies in."""

    def named(found: re.Match[str]) -> str:
        there = home.get(_below(module.name, found[1]))  # none for a type in a comment
        return found[0].replace(found[1], _from(entry, there)) if there else found[0]

    return _ON_DEMAND.sub(named, module.body)


def _from(entry: str, other: str) -> str:
    """Return how a pack names another: a path relative to its own folder."""
    where = posixpath.relpath(other, posixpath.dirname(entry) or ".")
    return where if where.startswith(".") else f"./{where}"


def scripts(root: Path) -> dict[str, bytes]:
    """Return every script of a folder as it is sent, by its path.

    Parameters
    ----------
    root : Path
        The folder. The modules of ``viewer`` are packed, all else is a script of its own.

    Returns
    -------
    dict of str to bytes
        A module that lies in a pack is not sent by itself.
    """
    names = {path.relative_to(root).as_posix() for path in root.rglob("*.js")}
    packs = pack(root, VIEWER) if VIEWER in names else {}
    alone = {name for name in names if not name.startswith("viewer/")}
    sources = {name: (root / name).read_text(encoding="utf-8") for name in alone}
    return {name: shortened(source).encode() for name, source in (sources | packs).items()}


def shortened(source: str) -> str:
    """Return a script without comments and needless blanks.

    Raises
    ------
    PackError
        For a template within a template: the library takes the inner one's text for code.
    """
    for text in _TEXT.findall(source):
        if text[0] == "`" and text.count("${") > len(
            re.findall(r"\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", text)
        ):
            raise PackError(f"a template within a template: {text[:60]}")
    short: str = rjsmin.jsmin(source)
    return short
