"""Messages as the API shows them: sample ones, and the parts of one."""
