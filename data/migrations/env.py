"""Run by Alembic: take the steps on the connection, and in the transaction, of `data.schema_upgrade`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
