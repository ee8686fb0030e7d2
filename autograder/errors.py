"""The one kind of error that a user can cause, and mend."""


class UserError(Exception):
    """One sentence: what was found, what was expected, what to do. Printed alone, exit code 2."""
