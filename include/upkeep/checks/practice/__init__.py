"""Questions about how the team works."""
