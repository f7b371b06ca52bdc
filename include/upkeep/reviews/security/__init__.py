"""Reviews of who may do what."""
