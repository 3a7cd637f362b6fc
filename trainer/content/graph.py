"""Which lesson needs which: every need is taught before, and nothing needs itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Lessons = Mapping[str, tuple[Sequence[str], Sequence[str]]]


def faults(lessons: Lessons, order: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield ``(lesson, rule, message)`` for every fault of the graph.

    Parameters
    ----------
    lessons : mapping
        Lesson to ``(teaches, needs)``, each a sequence of concepts.
    order : sequence of str
        The lessons as the track lists them.
    """
    taught: dict[str, list[str]] = {}
    for slug in dict.fromkeys([*order, *lessons]):
        for concept in lessons[slug][0] if slug in lessons else ():
            taught.setdefault(concept, []).append(slug)
    after = {slug: _teachers(slug, lessons, taught) for slug in lessons}
    place = {slug: i for i, slug in enumerate(order)}
    for slug, (_, needs) in lessons.items():
        for concept in needs:
            if concept not in taught:
                yield slug, "C10", f"needs {concept}, which no lesson teaches"
        ring = _ring(slug, after)
        if ring:
            yield slug, "C11", f"needs itself: {' -> '.join(ring)}"
            continue
        for earlier in sorted(after[slug]):
            if place.get(earlier, -1) > place.get(slug, len(order)):
                yield slug, "C10", f"needs what {earlier} teaches, which comes after it"


def _teachers(slug: str, lessons: Lessons, taught: Mapping[str, list[str]]) -> set[str]:
    """Return the lessons that teach what a lesson needs; the first teacher of each is enough."""
    return {taught[concept][0] for concept in lessons[slug][1] if concept in taught}


def _ring(start: str, after: Mapping[str, set[str]]) -> list[str] | None:
    """Return a way from a lesson back to itself, or None."""
    ways = [[start, n] for n in sorted(after[start])]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        if way[-1] == start:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, n] for n in sorted(after.get(way[-1], ()))]
    return None
