"""What is asked for in a word or two, and that every command of the manual can be asked."""

import re
import shlex
from pathlib import Path

import pytest

from trainer.imaging.simulator.anatomy import REGIONS, SCANS, region
from trainer.imaging.simulator.asked import asked
from trainer.imaging.simulator.case import CaseError

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


@pytest.mark.parametrize(
    ("name", "view", "text", "given"),
    [
        ("chest", "pa", "nodule", {"finding": "nodule"}),
        ("chest", "pa", "age=70", {"age": 70.0}),
        ("chest", "pa", "fracture=rib", {"finding": "rib fracture"}),
        ("skull", "lateral", "fracture=linear", {"finding": "linear fracture"}),
        ("cervical spine", "lateral", "fracture=wedge", {"finding": "wedge fracture"}),
        ("elbow", "ap", "fracture=spiral", {"finding": "fracture", "fracture_kind": "spiral"}),
        ("pelvis", "ap", "fracture=femoral neck", {"fracture": "femoral neck"}),
        ("lumbar", "lateral", "fracture=crush", {"fracture": "crush"}),
    ],
)
def test_a_fracture_is_asked_for_alike_in_every_region(name, view, text, given):
    place = region(name, view)
    assert asked(place, text) == given
    case = place.case(1, given)
    assert {k: case.values[k] for k in given} == given


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("skull", "fracture=buckle", "has no fracture 'buckle'; say linear"),
        ("pelvis", "fracture", "say fracture=none, fracture=femoral neck"),
        ("chest", "efusion", "say none, nodule"),
        ("pelvis", "efusion", "say NAME=VALUE"),
    ],
)
def test_what_a_region_does_not_have_is_said_with_what_it_has(name, text, said):
    with pytest.raises(CaseError, match=re.escape(said)):
        asked(region(name, ""), text)


def test_every_command_of_the_manual_can_be_asked():
    """Each ``flask simulate`` of the pages names a region, a view and quantities that there are."""
    lines = [line for page in PAGES for line in page.read_text().splitlines()]
    found = [m for line in lines for m in re.findall(r"wsgi simulate ([^`\n]+)", line)]
    assert len(found) >= 3
    for words in map(shlex.split, found):
        if words[0] == "REGION":
            continue
        options = list(zip(words[1::2], words[2::2], strict=False))
        place = region(words[0], dict(options).get("--view", ""))
        given = [asked(place, text) for option, text in options if option == "--with"]
        place.case(1, {k: v for one in given for k, v in one.items()})


def test_every_finding_of_every_region_can_be_asked_for_by_its_name():
    for place in (*REGIONS, *SCANS):
        finding = place.quantities.get("finding")
        for name in finding.options if finding else ():
            assert place.case(1, asked(place, name)).values["finding"] == name
