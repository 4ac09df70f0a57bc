"""Fill a house from a folder of media: an admin, every file deposited and published, one look at what came of it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ADMIN = "demo@mediateka.test"
PASSWORD = "mediateka demo"


def mediateka(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mediateka", *arguments]
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, text=True, check=False)


def main() -> None:
    folder = Path(sys.argv[1])
    if not folder.is_dir():
        sys.exit(f"demo: no folder {folder}; say another: make demo MEDIA=folder")
    mediateka(
        "user",
        "add",
        ADMIN,
        "--role",
        "admin",
        "--name",
        "Demo",
        "--password-stdin",
        stdin=f"{PASSWORD}\n",
    )
    done = mediateka("ingest", str(folder), "--as", ADMIN, "--publish", "--wait", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for what, number in Counter(
        line.get("state") or line["outcome"] for line in lines
    ).most_common():
        print(f"{number:5} {what}")
    print(f"Sign in as {ADMIN} with the password “{PASSWORD}”. Start the house with: make run")


if __name__ == "__main__":
    main()
