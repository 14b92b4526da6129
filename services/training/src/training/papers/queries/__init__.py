"""Reads of papers: what they are written from, one, a page, those of a session beside what they would say now."""
