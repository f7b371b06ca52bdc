"""Readers of what CI measured of pages and bundles: one file for each program that writes it, found by walking this folder."""
