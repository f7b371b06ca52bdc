"""What `bench.backups` is made of: data, and neighbours to look at."""
