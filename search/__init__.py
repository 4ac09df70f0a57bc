"""Turn assets into search documents and words into queries; the index behind its port."""
