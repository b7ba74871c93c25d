"""Programs of the system that some tests need and no Python package brings."""

from __future__ import annotations

import os
import shutil

import pytest

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def tool(name: str, package: str) -> str:
    """Where the program is. Without it CI fails; elsewhere the test is passed over and says what to install."""
    path = shutil.which(name, path=_PATH)
    if path is None:
        missing = f"no {name}: install Debian's package {package}"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return path
