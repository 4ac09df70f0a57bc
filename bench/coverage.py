"""Branch coverage of each room from the data of the last `make coverage`, beside the goal of 95 %."""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

GOAL = 95.0
HELD = ("archive", "ingest", "transcode", "search", "workers")


def main() -> None:
    program = str(Path(sys.executable).with_name("coverage"))
    subprocess.run([program, "combine", "-q"], check=False)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run([program, "json", "-q", "-o", str(report)], check=True)
        files = json.loads(report.read_text())["files"]
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, facts in files.items():
        room, summary = Path(name).parts[0], facts["summary"]
        rooms[room][0] += summary["covered_lines"] + summary["covered_branches"]
        rooms[room][1] += summary["num_statements"] + summary["num_branches"]
    for room, (covered, total) in sorted(rooms.items()):
        share = 100 * covered / total
        mark = "" if room not in HELD or share >= GOAL else f"  below {GOAL:.0f} %"
        print(f"{room:<10} {share:5.1f} %{mark}")


if __name__ == "__main__":
    main()
