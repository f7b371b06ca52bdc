"""Tests of reading repositories of git."""
