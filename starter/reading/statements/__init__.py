"""Stored bank statements: their lines, what matches them, and what they are shown as (R20)."""
