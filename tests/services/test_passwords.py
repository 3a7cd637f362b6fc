"""How passwords are kept."""

from argon2 import extract_parameters

from trainer.services import accounts


def test_the_hash_costs_at_least_what_owasp_asks_for(earnest_hasher):
    # OWASP Password Storage Cheat Sheet (2024): argon2id, m >= 19 MiB with t >= 2.
    made = extract_parameters(earnest_hasher.hash("a long password"))
    assert made.type.name == "ID"
    assert made.memory_cost >= 19 * 1024
    assert made.time_cost >= 2


def test_a_stranger_is_checked_with_a_hash_of_the_same_cost():
    assert not accounts._hasher.check_needs_rehash(accounts._nobody())
