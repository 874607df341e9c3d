"""Why an attempt cannot continue where an earlier one stopped."""

from __future__ import annotations


class CannotResumeError(Exception):
    """What an earlier attempt left is gone, or must not be resumed: this attempt starts again.

    Never leaves an export. Its text is the reason, as a clause for the task's log: "its hidden file is gone".
    """
