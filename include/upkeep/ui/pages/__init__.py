"""The pages, one file each: what they ask of the report database and which template shows it."""
