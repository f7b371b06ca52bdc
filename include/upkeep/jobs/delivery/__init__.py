"""Jobs about deliveries."""
