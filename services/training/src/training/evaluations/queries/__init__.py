"""Reads of the evaluations: the rules, the forms, who answered, what was answered together."""
