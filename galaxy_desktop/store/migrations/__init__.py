"""Alembic's scripts, one file a version; configured by `store.migrate`, there is no alembic.ini."""
