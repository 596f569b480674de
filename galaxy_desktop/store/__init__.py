"""SQLite through SQLModel: the only folder that knows the database; returns records, never live rows."""
