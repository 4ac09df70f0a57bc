"""The tus table against any server: `python -m bench.tus_table URL`; cases of extensions it does not name are left out.

A case marked OURS is what this house promises beyond the protocol; another server may answer otherwise.
"""

import http.client
import sys
from collections import Counter
from urllib.parse import urljoin, urlsplit

from tus_cases import CASES, VERSION, Line, faults_of

TIMEOUT_SECONDS = 20


def line_to(url: str) -> Line:
    """A line to the server at a URL, a connection for each request."""

    def asking(
        method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str]]:
        place = urlsplit(urljoin(url, path))
        line = http.client.HTTPConnection(place.hostname, place.port, timeout=TIMEOUT_SECONDS)
        try:
            line.request(method, place.path, body, headers)
            answer = line.getresponse()
            answer.read()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        finally:
            line.close()

    return asking


def main() -> None:
    url = sys.argv[1]
    line, path = line_to(url), urlsplit(url).path
    _, shown = line("OPTIONS", path, VERSION, b"")
    able = set(shown.get("tus-extension", "").split(","))
    passed, failed, left_out = Counter(), Counter(), 0
    for case in CASES:
        if not case.needs <= able:
            left_out += 1
        elif faults := faults_of(case, line, path):
            failed[case.level] += 1
            print(f"{case.level:6} {case.name}: {'; '.join(faults)}")
        else:
            passed[case.level] += 1
    print(f"passed {dict(passed)}, failed {dict(failed)}, {left_out} left out (extensions)")


if __name__ == "__main__":
    main()
