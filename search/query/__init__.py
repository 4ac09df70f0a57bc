"""Words of the search box to an engine-neutral plan."""
