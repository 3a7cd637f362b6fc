"""Names of files that others gave: made safe to lie below a folder, or refused with a reason."""

from __future__ import annotations

import unicodedata

from trainer.imaging.dicom.errors import IntakeError

#: In bytes of UTF-8, what every file system takes.
LONGEST_PART, LONGEST_NAME = 200, 900
DEEPEST = 24
#: What systems leave beside files; nobody misses it.
_LEFT_BEHIND = {".ds_store", "thumbs.db", "desktop.ini", "__macosx"}
_RENAME = "rename it"


def is_left_behind(name: str) -> bool:
    """Whether a name is a system's own bookkeeping (``__MACOSX``, ``.DS_Store``, ``._x``)."""
    parts = name.replace("\\", "/").split("/")
    return any(p.lower() in _LEFT_BEHIND for p in parts) or parts[-1].startswith("._")


def safe_name(name: str) -> str:
    """Return a name as a path below a folder, with ``/`` and composed letters (NFC).

    Parameters
    ----------
    name : str
        As an archive or a browser gave it; backslashes separate too.

    Raises
    ------
    IntakeError
        When it leads out of the folder, is empty, too long, too deep, or holds letters that no
        one can see.
    """
    shown = "".join(c if c.isprintable() else "?" for c in name)[:120] or "(no name)"
    plain = unicodedata.normalize("NFC", name.replace("\\", "/"))
    if plain.startswith("/") or (len(plain) > 1 and plain[1] == ":" and plain[0].isalpha()):
        raise IntakeError(shown, "its name is a place on a disk", "pack it with names of its own")
    parts = [p for p in plain.split("/") if p not in ("", ".")]
    if ".." in parts:
        raise IntakeError(shown, "its name leads out of the folder", "pack it anew")
    if not parts:
        raise IntakeError(shown, "it has no name", _RENAME)
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cf", "Zl", "Zp") for p in parts for c in p):
        raise IntakeError(shown, "its name holds letters that cannot be seen", _RENAME)
    if any(p != p.strip() or p.endswith(".") for p in parts):
        raise IntakeError(shown, "its name begins or ends with a space or a full stop", _RENAME)
    if len(parts) > DEEPEST:
        raise IntakeError(shown, f"it lies {len(parts)} folders deep", "use fewer folders")
    safe = "/".join(parts)
    try:
        too_long = len(safe.encode()) > LONGEST_NAME
        too_long |= any(len(p.encode()) > LONGEST_PART for p in parts)
    except UnicodeEncodeError:
        raise IntakeError(shown, "its name is no text", _RENAME) from None
    if too_long:
        raise IntakeError(
            shown, f"its name is longer than {LONGEST_PART} letters in one part", "shorten it"
        )
    return safe
