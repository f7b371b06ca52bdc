"""Checks of deliveries."""
