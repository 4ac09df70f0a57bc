"""The catalogue: one concrete class over SQLAlchemy Core."""
