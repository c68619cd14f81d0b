"""Plan, dress and template in; PDF, Word and text out."""
