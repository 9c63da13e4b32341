"""What only the console reads and writes: sign-in, lists, figures."""
