"""Postal addresses: what a country asks for, and how an envelope says it."""
