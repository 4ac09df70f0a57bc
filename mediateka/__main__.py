"""`python -m mediateka` is the command `mediateka`."""

from mediateka.cli import main

main()
