"""How the reader and its worker talk: lengths, JSON, raw bytes. Nothing is ever unpickled."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

#: Length of the JSON, length of the bytes.
HEAD = struct.Struct("<IQ")


def send(pipe: BinaryIO, words: dict[str, Any], body: bytes | memoryview) -> None:
    """Write one message."""
    head = json.dumps(words).encode()
    pipe.write(HEAD.pack(len(head), len(body)))
    pipe.write(head)
    pipe.write(body)
    pipe.flush()
