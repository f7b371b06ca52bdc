"""Jobs that bring costs into the ledger."""
