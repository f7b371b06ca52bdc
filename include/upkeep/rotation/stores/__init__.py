"""One file for each kind of store; a new one is found by walking."""
