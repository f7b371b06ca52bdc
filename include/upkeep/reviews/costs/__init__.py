"""Reviews of costs."""
