"""One file for each kind of secret; a new one is found by walking."""
