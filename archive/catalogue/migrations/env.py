"""Alembic's entry: runs within the connection that Catalogue.migrate gives it."""

from alembic import context

from archive.catalogue.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
