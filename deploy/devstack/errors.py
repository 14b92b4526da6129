"""The one failure of the local stack: something a person at the keyboard must read and can act on."""


class StackError(Exception):
    """The stack can't go on; the message is the French sentence shown, with what to do about it."""
