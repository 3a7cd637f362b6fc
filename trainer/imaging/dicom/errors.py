"""What the intake says of a file that cannot come in."""

from __future__ import annotations


class IntakeError(ValueError):
    """A file that is refused: which one, why, and what to do.

    Parameters
    ----------
    file : str
        The name the curator knows it by.
    reason, cure : str
        One plain sentence each, without the full stop.
    """

    def __init__(self, file: str, reason: str, cure: str) -> None:
        super().__init__(file, reason, cure)
        self.file = file
        self.reason = reason
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}. {self.cure[:1].upper()}{self.cure[1:]}."
