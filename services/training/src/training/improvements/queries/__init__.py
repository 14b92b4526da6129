"""Reads of improvement: watch items, risks, actions, what waits for somebody, what proves an indicator."""
