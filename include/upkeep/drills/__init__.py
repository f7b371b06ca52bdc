"""Restore tests and drills: what a restored copy must show, how fast it came, and what a written plan leaves out."""
