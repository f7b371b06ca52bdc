"""Tests of reports of their own."""
