"""Tests of restore tests and drills."""
