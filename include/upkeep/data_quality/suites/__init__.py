"""One file a suite, found by walking: `SUITE` in the file, its rows in the SQL file of the same name."""
