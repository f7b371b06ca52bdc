-- What the digest of an archived file is of.
comment on column upkeep.archive_batch.digest is
'XXH3 (128 bits) of the rows'' content, column by column as PostgreSQL sends it, hexadecimal.';
