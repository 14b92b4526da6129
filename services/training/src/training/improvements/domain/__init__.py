"""The rules of improvement: what is watched, which risks are followed, what is done and whether it had its effect."""
