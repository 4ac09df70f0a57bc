"""The domain: frozen values that import nothing of the house."""
