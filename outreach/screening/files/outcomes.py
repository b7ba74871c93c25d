"""How the child that reads a file ends, besides 0: told by its exit code alone."""

from typing import Final

OUT_OF_MEMORY: Final = 3
"""The file wants more memory than a reading may take."""

CANT_BE_CLEANED: Final = 4
"""The picture is damaged or too large; the reason is on standard output."""
