"""Reads of the calendars: the rule, the addresses within reach, the half-days that are shown."""
