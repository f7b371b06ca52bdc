"""Questions about who can do what."""
