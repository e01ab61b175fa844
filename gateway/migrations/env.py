"""How alembic reaches the store: through the connection `gateway.schema` hands it."""

from alembic import context

from gateway.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
