"""Repositories of git read as data: fetched bare, never checked out; nothing that stands in one is ever run."""
