"""What routes and pages show: it reads the tables, and writes nothing."""
