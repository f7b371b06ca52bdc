"""Tests of what duties are given."""
