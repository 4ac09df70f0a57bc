"""What is kept and the rules of keeping: model, rights, fixity, catalogue, object stores, errors."""
