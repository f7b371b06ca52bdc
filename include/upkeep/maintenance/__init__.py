"""Keeping tables in shape: sessions that may change something and give way, and rows about what was done."""
