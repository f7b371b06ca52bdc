"""The ledger of costs: what sources said, version by version, and what is read from it."""
