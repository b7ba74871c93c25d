"""The command `outreach`, also as `python -m outreach`."""

from __future__ import annotations

import gc


def main() -> None:
    """Runs it. Reading some thousand modules leaves hardly any garbage: to look for it would be a fifth of the start."""
    gc.disable()
    from outreach.cli import app

    gc.freeze()
    gc.enable()
    app()


if __name__ == "__main__":
    main()
