"""What callers send: fields, bodies and lines, parsed and checked without the database."""
