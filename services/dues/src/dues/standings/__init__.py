"""Where each member stands with the dues of each year: computed from its calls, told when it changes."""
