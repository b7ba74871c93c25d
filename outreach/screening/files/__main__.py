"""`python -m outreach.screening.files read|clean MEDIA_TYPE`: the file comes in on standard input.

`read` answers its passages and what could not be read, a JSON array a line, and `[]` as the last one: where that is
missing, the reading ended early. `clean` answers the picture without its data. An end by an exception tells nothing
but its exit code, since the message might quote the file.
"""

from __future__ import annotations

import json
import resource
import sys

from PIL import Image

from outreach.screening.files.cleaning import cleaned
from outreach.screening.files.limits import CPU_S, MEMORY_BYTES, RECOGNITION_BYTES
from outreach.screening.files.outcomes import CANT_BE_CLEANED, OUT_OF_MEMORY
from outreach.screening.files.package import Unreadable
from outreach.screening.files.passages import to_line
from outreach.screening.files.recognition import can_recognise
from outreach.screening.files.types import parts_of


def main(act: str, media_type: str) -> int:
    """Reads or cleans what comes in; gives the exit code."""
    # At the soft limit comes SIGXCPU, which says what happened; at the hard one SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
    memory_bytes = MEMORY_BYTES + (RECOGNITION_BYTES if can_recognise() else 0)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    Image.MAX_IMAGE_PIXELS = None  # the readers look at the size themselves, before anything is decoded
    content = sys.stdin.buffer.read()
    try:
        return _clean(content, media_type) if act == "clean" else _read(content, media_type)
    except MemoryError:
        return OUT_OF_MEMORY


def _read(content: bytes, media_type: str) -> int:
    for part in parts_of(content, media_type):
        _tell(to_line(part))
    _tell([])
    return 0


def _clean(content: bytes, media_type: str) -> int:
    try:
        sys.stdout.buffer.write(cleaned(content, media_type))
    except Unreadable as problem:
        sys.stdout.buffer.write(str(problem).encode())
        return CANT_BE_CLEANED
    return 0


def _tell(line: object) -> None:
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
