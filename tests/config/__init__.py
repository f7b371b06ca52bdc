"""Tests of reading the inventory and the waivers."""
