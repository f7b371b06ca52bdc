"""Whether backups are there, fresh and as large as they should be."""
