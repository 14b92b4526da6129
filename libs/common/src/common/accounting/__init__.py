"""The books of a legal entity in double entry: written once, never rewritten, handed over as the law asks."""
