"""Reads of the programmes: what the rules are held against, what the staff sees, what anybody finds."""
