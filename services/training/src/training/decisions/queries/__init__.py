"""Reads of decisions: what is known of a session to decide, which are due, what was decided, who was carried where."""
