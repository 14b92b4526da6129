"""Measures against ceilings taken in the same run: `make bench`."""
