"""What a proposal may say of a film's place."""

from dataclasses import replace

import numpy as np
import pytest

from trainer.core.words import Hallmark, Modality, Truth
from trainer.services.annotation_facts import Facts, check
from trainer.services.errors import InvalidError


def test_an_authentic_film_has_a_place_only_where_it_imitates():
    facts = Facts(
        Truth.AUTHENTIC, region="chest", modality=Modality.CT, reason="It is calcified, and alone."
    )
    place = {0: np.ones((4, 4), bool)}
    with pytest.raises(InvalidError, match="no changed place"):
        check(facts, place)
    with pytest.raises(InvalidError, match="no changed place"):
        check(replace(facts, everywhere=True), {})
    check(replace(facts, mimic_of=Hallmark.NO_CONTEXT), place)
    check(replace(facts, mimic_of=Hallmark.SMOOTH_CORTEX, everywhere=True), {})
    with pytest.raises(InvalidError, match="either a place or everywhere"):
        check(replace(facts, mimic_of=Hallmark.NO_CONTEXT, everywhere=True), place)
