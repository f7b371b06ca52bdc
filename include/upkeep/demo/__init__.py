"""A small production system with things really wrong in it, and what it needs to run locally."""
