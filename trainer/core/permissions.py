"""What each role may do. Views name a permission; roles never appear in views."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from trainer.core.words import Role


class Permission(StrEnum):
    """Named ``<scope>:<subject>:<act>``."""

    PUBLIC = "public"  # anyone, signed in or not
    SELF = "self"  # anyone signed in, for what is their own
    LEARN = "learner:lesson:take"
    COHORT = "director:cohort:manage"
    BANK = "curator:bank:manage"
    PEOPLE = "administrator:people:manage"


_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: frozenset({Permission.LEARN}),
    Role.DIRECTOR: frozenset({Permission.LEARN, Permission.COHORT}),
    Role.CURATOR: frozenset({Permission.LEARN, Permission.BANK}),
    Role.ADMINISTRATOR: frozenset(
        {Permission.LEARN, Permission.COHORT, Permission.BANK, Permission.PEOPLE}
    ),
}


def granted(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return what a signed-in person with these roles may do.

    Parameters
    ----------
    roles : iterable of Role
        The person's roles; none is allowed and grants what everyone has.
    """
    own = {Permission.PUBLIC, Permission.SELF}
    return frozenset(own.union(*(_GRANTS[role] for role in roles)))
