"""What the console reads and writes for its pages: sign-in, lists, figures, forecasts."""
