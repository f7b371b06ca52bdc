"""In which order versions of an ecosystem come."""
