"""Loads and saves what seats are made of; the only writer of their tables."""
