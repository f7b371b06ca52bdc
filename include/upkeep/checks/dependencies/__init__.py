"""Questions about what is built on: packages, their licences and flaws."""
