"""The only code that talks to Temporal: what SQL has decided, on its way there."""
