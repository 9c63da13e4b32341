"""What callers send, read and checked: fields, bodies, lines. It knows no database."""
