"""Bank statements: imported, matched, and booked line by line (R20)."""
