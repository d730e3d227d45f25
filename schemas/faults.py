"""Faults that a user can mend: told in a sentence, never as a stack trace."""


class UserFault(Exception):
    """What is wrong, where, and what to do about it, in one sentence.

    The command line prints it and ends with exit status 1.
    """


class UsageFault(UserFault):
    """The command itself is wrong: exit status 2."""


def last_words(error: BaseException) -> str:
    """Returns what an error of a library or of the system says, in one line: its last, which tells the cause."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
