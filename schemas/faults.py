"""Faults that a user can mend: told in a sentence, never as a stack trace."""


class UserFault(Exception):
    """What is wrong, where, and what to do about it, in one sentence.

    The command line prints it and ends with exit status 1.
    """


class UsageFault(UserFault):
    """The command itself is wrong: exit status 2."""
