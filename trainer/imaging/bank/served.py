"""What a learner's browser gets beside the meaning of the pixels, as numbers.

The server is played as a browser would (:mod:`trainer.probe`), and everything that came over the
wire before a call is turned into families for the shortcut audit: what answers say, what their
headers say, how long they are and took, what things are called, and in which order they come.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from trainer.imaging.bank.features import Numbers, block_facts

#: Headers whose value is drawn anew for each answer; their presence and length still count.
DRAWN = frozenset({"date", "x-request-id", "set-cookie"})
#: The answers of an exchange.
KINDS = ("shown", "page", "first", "block", "last")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z_-]*|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the server.

    Parameters
    ----------
    headers : sequence of (str, str)
        As sent.
    text : str
        The body of a page or a state, empty for a block.
    length : int
        Of the body in bytes.
    seconds : sequence of float
        What the server took, once for each time it was asked; see :func:`steadied`.
    """

    headers: Sequence[tuple[str, str]]
    text: str
    length: int
    seconds: Sequence[float]


@dataclass(frozen=True, slots=True)
class Exchange:
    """All that came over the wire for one film before its call.

    Parameters
    ----------
    token, label : str
        What the film is called there.
    position, sitting : int
        Which film of which sitting, from 0.
    slices : int
        How many the browser is told of.
    heads : sequence of str
        The first bytes of the blocks, in hexadecimal: of the first slice, the middle one, the last.
    shown, page : Answer
        The state that brought the film, and the page.
    first, block, last : Answer
        The blocks of the first slice, of the middle one, which is asked for first, and of the last;
        the same three times for a radiograph.
    """

    token: str
    label: str
    position: int
    sitting: int
    slices: int
    heads: Sequence[str]
    shown: Answer
    page: Answer
    first: Answer
    block: Answer
    last: Answer

    def as_json(self) -> dict[str, Any]:
        """Return the exchange as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Exchange:
        """Return the exchange that was written as JSON."""
        parts = {}
        for name in KINDS:
            part = dict(kept[name])
            part["headers"] = [(str(k), str(v)) for k, v in part["headers"]]
            parts[name] = Answer(**part)
        return cls(**(kept | parts))


def steadied(came: Sequence[Exchange]) -> list[Exchange]:
    """Return the exchanges with times as multiples of the median of their sitting.

    A busy minute of the machine is not a property of the films that were shown in it.
    """
    times: dict[tuple[int, str], list[float]] = {}
    for one in came:
        for kind in KINDS:
            times.setdefault((one.sitting, kind), []).extend(getattr(one, kind).seconds)
    middle = {key: max(float(np.median(all_)), 1e-9) for key, all_ in times.items()}
    return [
        replace(
            one,
            **{
                kind: replace(
                    answer, seconds=[s / middle[one.sitting, kind] for s in answer.seconds]
                )
                for kind in KINDS
                for answer in (getattr(one, kind),)
            },
        )
        for one in came
    ]


def from_exchange(one: Exchange) -> dict[str, Numbers]:
    """Return the served families of one film.

    Parameters
    ----------
    one : Exchange
        What was played.

    Returns
    -------
    dict
        By family, see :data:`trainer.imaging.bank.features.FAMILIES`.
    """
    answers = tuple(getattr(one, kind) for kind in KINDS)
    blocks = [
        [*block_facts(bytes.fromhex(head)), answer.length]
        for head, answer in zip(one.heads, answers[2:], strict=True)
    ]
    return {
        "served_block": np.array([*np.concatenate(blocks), one.slices], np.float64),
        "served_headers": _headers(answers),
        "served_text": _text(one),
        "served_names": _names(one),
        "served_time": np.array(
            [v for a in answers for v in (min(a.seconds), float(np.median(a.seconds)))]
        ),
        "served_order": np.array([one.position, one.position % 2, one.position == 0], np.float64),
    }


def _headers(answers: Sequence[Answer]) -> Numbers:
    """Return for each answer how many headers, which, the numbers in them, and its tag.

    One number stands for all words of an answer's headers: where they are the same for all films
    it is constant, and where they differ by class it has a value for each.
    """
    made: list[float] = []
    for kind, answer in enumerate(answers):
        named = {name.lower(): value for name, value in answer.headers}
        if kind < 2:  # a page's length follows the case's number; its words are looked at apart
            named.pop("content-length", None)
        still = {k: len(v) if k in DRAWN else v for k, v in named.items() if k != "etag"}
        words = " ".join(f"{name}={value}" for name, value in sorted(still.items()))
        numbers = sum(float(n) for n in _NUMBER.findall(" ".join(map(str, still.values()))))
        tag = _part(named["etag"]) if "etag" in named else -1.0
        made += [len(answer.headers), _part(words), numbers, tag]
    return np.array(made)


def _text(one: Exchange) -> Numbers:
    """Return lengths and words of what was said; what counts cases or names films is left out."""
    texts = [answer.text.replace(one.token, "") for answer in (one.shown, one.page)]
    words = [word for text in texts for word in _WORD.findall(text)]
    sizes = [float(len(text)) for text in texts]
    return np.array([*sizes, *map(_part, texts), *_buckets(words, 12)])


def _names(one: Exchange) -> Numbers:
    letters = [float(ord(letter)) for letter in one.token[:8].ljust(8)]
    return np.array(
        [len(one.token), _part(one.token), *letters, sum(map(ord, one.token)), _part(one.label)]
    )


def _part(text: str) -> float:
    return zlib.crc32(text.encode()) / 2**32


def _buckets(words: Iterable[str], count: int) -> list[float]:
    found = [0.0] * count
    for word in words:
        found[zlib.crc32(word.encode()) % count] += 1
    return found
