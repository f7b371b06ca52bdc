"""Readiness: can every target be asked, by a login that has every right its duties need and no more."""
