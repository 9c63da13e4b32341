"""Bank statements: imported, and booked line by line (R20)."""
