"""Reads of complaints: the lists, one of them, by its link, what a year of them says."""
