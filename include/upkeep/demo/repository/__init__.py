"""The shop's source code: a repository with a history of two years, and what is known to be broken in what it uses."""
