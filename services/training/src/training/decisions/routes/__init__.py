"""HTTP doors of the decisions: what is to be decided, the acts, the seats that were carried."""
