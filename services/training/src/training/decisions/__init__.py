"""Whether a session is held: what is known the day it is decided, the decision, and where its people go if not."""
