"""What structures thought of their accompaniments, and the figures of a year."""
