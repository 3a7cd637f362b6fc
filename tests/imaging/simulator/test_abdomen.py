"""The abdomen: how much gas there is, what obstruction does, and copied bubbles."""

import numpy as np
import pytest
from scipy.ndimage import label

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.abdomen.gas import bowel_parts, copies
from trainer.imaging.simulator.anatomy.abdomen.region import build
from trainer.imaging.simulator.film import Session

ABDOMEN = region("abdomen", "ap")


def gas_of(**given):
    case = ABDOMEN.case(8, given)
    return bowel_parts(case, 1.0)


def volume(parts):
    """Return the gas in litres."""
    return sum(float((p.shape.distance < 0).sum()) * p.shape.spacing**3 for p in parts) / 1000


def test_gas_follows_its_amount_and_obstruction_fills_the_small_bowel():
    none = [p for p in gas_of(gas=0.0, finding="none") if not p.name.startswith("small")]
    assert all(p.name.startswith("faeces") for p in none)
    usual, blocked = gas_of(finding="none"), gas_of(finding="small bowel obstruction")
    small = [[p for p in parts if p.name.startswith("small")] for parts in (usual, blocked)]
    assert volume(small[1]) > 0.3 > volume(small[0])
    wide = gas_of(finding="large bowel obstruction")
    colon = [[p for p in parts if p.name.startswith("colon")] for parts in (usual, wide)]
    assert len(colon[1]) >= 8 and volume(colon[1]) > 1.5 * volume(colon[0])


def test_copied_bubbles_are_one_bubble_and_the_mask_holds_each():
    case = ABDOMEN.case(8, {"finding": "none"}, Hallmark.GAS_SHAPE, 0.9)
    made = copies(case, 1.0)
    assert len(made) == 4
    assert len({p.shape.distance.tobytes() for p in made}) == 1
    session = Session(ABDOMEN, case.authentic(), 200)
    plain, forged = session.authentic(), session.forged(case)
    outside = ~forged.mask
    assert np.array_equal(plain.film.pixels[outside], forged.film.pixels[outside])
    for part in made:
        x, y = session.camera.project(part.shape.place[None])[0].round().astype(int)
        assert forged.place[y, x]
    assert 1 <= label(forged.place)[1] <= 8


@pytest.mark.parametrize(("stone", "count"), [("none", 0), ("kidney", 1)])
def test_stones_are_seen_where_there_are_some(stone, count):
    case = ABDOMEN.case(8, {"stone": stone, "gas": 0.0, "faeces": 0.0})
    shot = Session(ABDOMEN, case, 200).authentic()
    assert label(shot.structures.get("stone", np.zeros((2, 2), bool)))[1] == count


@pytest.mark.parametrize("seed", [8, 12])
def test_lungs_lie_above_the_liver_and_ribs_in_the_wall(seed):
    parts = {p.name: p for p in build(ABDOMEN.case(seed)).parts}
    lungs, liver = parts["lung bases"].shape, parts["liver and spleen"].shape
    both = (lungs.distance < 0) & (liver.distance < 0)
    assert (lungs.distance < 0).any() and not both.any()
    stomach = parts["stomach gas"].shape
    inside = np.argwhere(stomach.distance < 0) * stomach.spacing + stomach.corner
    assert len(inside) > 100 and not (lungs.at(*inside.T) < 0).any()
    skin, bowel = parts["body"].shape, parts["viscera"].shape
    ribs = [p.shape.nodes for name, p in parts.items() if name.startswith("rib")]
    assert len(ribs) == 10
    at = np.concatenate(ribs)
    at = at[at[:, 2] < 39]  # the body's grid ends above
    assert skin.at(*at.T).max() < -0.2
    assert (bowel.at(*at.T) < 0).mean() < 0.1
