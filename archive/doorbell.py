"""The Doorbell port: it wakes somebody who looks for work, and carries nothing that could be lost."""

from typing import Protocol

from archive.model.ids import JobId
from archive.model.job import Queue


class Doorbell(Protocol):
    """Rings for a job. It may ring twice or not at all: the job's row is the message, the sweep rings again."""

    def ring(self, queue: Queue, job: JobId) -> None:
        """Wake a worker of this queue. Promises nothing; ringing twice is harmless.

        Raises DoorbellUnavailable when nobody can be reached; callers go on.
        """
        ...

    def ping(self) -> None:
        """Return when the bell would carry a ring; raise DoorbellUnavailable otherwise."""
        ...

    def close(self) -> None:
        """Let go of what is kept open between rings; closing twice is harmless."""
        ...
