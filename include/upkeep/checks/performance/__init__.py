"""How fast services are for those who use them."""
