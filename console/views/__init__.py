"""What pages show, as values: made of documents and of the rules, without a request."""
