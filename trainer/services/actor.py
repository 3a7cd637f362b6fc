"""Who acts. Services take an actor, never a web session."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from trainer.core.permissions import Permission
from trainer.core.words import Role
from trainer.services.errors import NotAllowedError


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person as services see them.

    Parameters
    ----------
    id : UUID
        The person.
    name, email : str
        As they gave them.
    roles : tuple
        ``(institution id, role)`` pairs.
    permissions : frozenset
        What the roles grant, in any institution.
    time_factor : float
        Extra time.
    preferences : dict
        Theme, keys.
    """

    id: uuid.UUID
    name: str
    email: str
    roles: tuple[tuple[uuid.UUID, Role], ...]
    permissions: frozenset[Permission]
    time_factor: float = 1.0
    preferences: dict[str, object] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the person has the permission in any institution."""
        return permission in self.permissions

    def institutions(self, *roles: Role) -> tuple[uuid.UUID, ...]:
        """Return the institutions in which the person has one of the roles."""
        return tuple(dict.fromkeys(where for where, role in self.roles if role in roles))

    def require(self, permission: Permission) -> None:
        """Raise :class:`NotAllowedError` unless the person has the permission."""
        if not self.may(permission):
            raise NotAllowedError("Your account does not have the role that this needs.")
