"""Bank statements: their lines, and which orders a line pays (R20)."""
