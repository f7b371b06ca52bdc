"""Decisions: what only a person may say. Reviews and approvals are asked, signed, missed and kept by the same rules."""
