"""Reads of the seats of sessions, by subject."""
