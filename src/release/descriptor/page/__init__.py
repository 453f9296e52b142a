"""The property `page`: what the page of a release shows beyond the schema."""
