"""Tests of questions about how the team works."""
