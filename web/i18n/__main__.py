"""`python -m web.i18n check` proves the catalogues whole; `update` collects messages into them."""

import sys

from web.i18n.check import faults
from web.i18n.collect import update


def main(arguments: list[str]) -> int:
    """Run one of the two commands; 0 when all is well."""
    match arguments:
        case ["check"]:
            found = faults()
            for fault in found:
                sys.stderr.write(f"{fault}\n")
            return 1 if found else 0
        case ["update"]:
            update()
            return 0
        case _:
            sys.stderr.write("python -m web.i18n check|update\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
