"""The edges: one file for each kind of thing outside, and the only code that talks to it."""
