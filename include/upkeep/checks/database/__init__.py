"""Questions to PostgreSQL about its own health."""
