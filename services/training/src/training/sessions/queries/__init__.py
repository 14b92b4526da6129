"""Reads of the sessions: what the rules are held against, what the staff sees, what anybody finds."""
