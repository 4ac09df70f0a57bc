"""What a foreign validator says of a store: ocfl-py, over every object and every digest."""

import re
import subprocess
import sys
from pathlib import Path

VALIDATOR = Path(sys.executable).parent / "ocfl-root.py"


def complaints(store: Path) -> str:
    """What ocfl-py says of the whole root, digests and all; it is content when it warns of nothing."""
    done = subprocess.run(
        [
            sys.executable,
            str(VALIDATOR),
            "validate",
            "--root",
            str(store / "archive"),
            "--validate-objects",
            "--check-digests",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert "Objects checked" in said, said
    return said


def require_valid(store: Path, objects: int) -> None:
    said = complaints(store)
    assert f"{objects} / {objects} are VALID" in said, said
    assert f"Storage root {store / 'archive'} is VALID" in said, said
    assert not re.search(r"WARN|ERROR|\[[EW]\d+", said), said
