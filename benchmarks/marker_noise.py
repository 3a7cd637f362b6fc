"""What a malformed letter gives away by its residual: painted on films, and as if it were lead.

``python -m benchmarks.marker_noise [patients]``

Films of six views are taken with their marker; then the letter is malformed once on the finished
film (``bad_text``) and once in the lead, before the exposure. What tells the second from its twin
is the letter's shape, for its noise is real: the first cannot be asked to give away less. AUC of
the residual inside the mask, each view's features about their own mean, as in ``benchmarks.truth``.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from benchmarks._rows import DOSES
from benchmarks._truth_tables import auc_of
from benchmarks.truth import COLUMNS, PAINTED_ON
from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.bad_text import forge, malformed
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.observers import noise_features
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.film import Session, export
from trainer.imaging.simulator.twins import around

PATIENTS = 8
_ROOM = 3  # pixels round the letter


def exposed(session: Session, seed: int) -> Iterator[tuple[float, Pixels, Mask]]:
    """Yield films whose lead letter is malformed, dose by dose, and where they differ."""
    paths = session.authentic().paths
    lead = session._lead
    y, x = np.nonzero(lead > 0)
    place = tuple(slice(max(0, v.min() - _ROOM), v.max() + _ROOM + 1) for v in (y, x))
    alpha = (lead / lead.max())[place]
    for dose in DOSES[1:]:
        drawn, _ = malformed(alpha, dose, np.random.default_rng(seed))
        session._lead = lead.copy()
        session._lead[place] = drawn * lead.max()
        session._lettered = around((session._lead > 0) | (lead > 0), 0)
        mask = np.zeros(lead.shape, np.bool_)
        mask[place] = np.abs(drawn - alpha) > 0.01
        yield dose, export(session._develop(paths)), mask
    session._lead = lead


def main() -> None:
    """Measure and print a line a dose."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    found: dict[tuple[str, float], dict[str, list[list[list[float]]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for name in PAINTED_ON:
        place = region(*name.split())
        for seed in range(patients):
            session = Session(place, place.case(seed, {"marker": "shown"}), COLUMNS)
            film = session.authentic().film.pixels
            for dose, other, mask in exposed(session, seed):
                found["exposed", dose][name].append(_pair(film, other, mask))
            for dose in DOSES[1:]:
                try:
                    other, mask, _ = forge(film, dose=dose, rng=np.random.default_rng(seed))
                except ForgeryError:
                    continue
                found["painted", dose][name].append(_pair(film, other, mask))
    for (how, dose), views in found.items():
        features = [np.array(pairs) for pairs in views.values()]
        about = [one for own in features for one in own - own.mean((0, 1))]
        print(f"{how} {dose:g}: {len(about)} films, AUC {auc_of(about)}")


def _pair(film: Pixels, other: Pixels, mask: Mask) -> list[list[float]]:
    return [noise_features(film, mask), noise_features(other, mask)]


if __name__ == "__main__":
    main()
