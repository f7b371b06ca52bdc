"""Readers of lockfiles, SBOMs and package databases: one file for each kind, found by walking this folder."""
