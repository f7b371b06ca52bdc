"""The report database: its schema, and the only writer of its tables."""
