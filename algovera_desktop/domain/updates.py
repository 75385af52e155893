"""What the program's processes tell each other when it was updated while it ran.

A process that is started then comes from the new version. It does no work for one of the version
before, whose next message it might not understand, and ends with a status of its own.
"""

OUTDATED_STATUS = 76
"""The exit status that says so; sysexits.h has it for what is wrong in a protocol."""

UPDATED = "Algovera Desktop was updated while it ran. Close it and start it again."
