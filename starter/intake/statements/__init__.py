"""Bank statements: imported, judged, and booked line by line (R20)."""
