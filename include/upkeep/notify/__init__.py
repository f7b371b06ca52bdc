"""Telling people: messages are built pure, kept in an outbox, then delivered."""
