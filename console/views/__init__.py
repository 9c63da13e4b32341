"""What pages show, as values computed from documents and rules, without a request."""
