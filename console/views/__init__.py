"""The values that pages show, computed from documents and rules without a request."""
