"""The keeper of the index on an Elasticsearch server. The only package that knows elasticsearch."""
