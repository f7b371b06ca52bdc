"""The shop's bill: thirteen months that were made up, and what is wrong with them."""
