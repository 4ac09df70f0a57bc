"""One transaction and the repositories that speak within it."""

from sqlalchemy import Connection

from archive.catalogue.accounts import Accounts
from archive.catalogue.assets import Assets
from archive.catalogue.authorities import Authorities
from archive.catalogue.collections import Collections
from archive.catalogue.doors import Sessions, SetupLinks, SignInAttempts, Tokens
from archive.catalogue.housekeeping import IndexDue, Leases, Meta
from archive.catalogue.jobs import Jobs
from archive.catalogue.originals import Originals
from archive.catalogue.records import Audit, Events
from archive.catalogue.uploads import Uploads
from archive.clock import Clock
from archive.model.ids import JobId
from archive.model.job import Queue


class Transaction:
    """What a `with catalogue.writing() as tx` block sees. `rings` are the jobs to ring for once it is kept."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.rings: list[tuple[Queue, JobId]] = []
        self.meta = Meta(connection)
        self.leases = Leases(connection, clock)
        self.index_due = IndexDue(connection, clock)
        self.accounts = Accounts(connection, clock)
        self.sessions = Sessions(connection, clock)
        self.tokens = Tokens(connection, clock)
        self.setup_links = SetupLinks(connection, clock)
        self.sign_in_attempts = SignInAttempts(connection, clock)
        self.audit = Audit(connection, clock)
        self.events = Events(connection)
        self.jobs = Jobs(connection, clock, self.rings)
        self.originals = Originals(connection, clock)
        self.assets = Assets(connection, self.index_due)
        self.uploads = Uploads(connection, clock)
        self.authorities = Authorities(connection, clock)
        self.collections = Collections(connection, clock)
