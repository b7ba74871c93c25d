"""What a reading may take. The child process sets the first two on itself before it looks at a file."""

from typing import Final

CPU_S: Final = 50
MEMORY_BYTES: Final = 1024**3
"""Address space."""

RECOGNITION_BYTES: Final = 3 * 1024**3
"""What is granted besides where writing in pictures is recognised. Most of it is reserved and never touched."""

WALL_S: Final = 55
"""Below the minute after which a usual reverse proxy gives up on a request."""

OUTPUT_BYTES: Final = 64 * 1024**2
UNPACKED_BYTES: Final = 256 * 1024**2
PARTS: Final = 10_000
PIXELS: Final = 50_000_000
PICTURES: Final = 30
"""Pictures of one file that are looked at; the others are told as not checked."""

REVISIONS: Final = 10
DEPTH: Final = 2
"""How deep files lie in files that are still read."""
