"""The API's only code that calls Temporal: it sends what was committed to SQL."""
