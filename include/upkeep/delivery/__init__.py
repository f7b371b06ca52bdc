"""What was deployed, read from what a team already has, and what it did to the service."""
