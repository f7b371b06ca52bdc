"""Old rows of a table into Parquet files, proven from the stored files, and then out of the table."""
