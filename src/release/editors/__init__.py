"""Tell editors and forms what a descriptor expects of records: JSON Schemas, the configuration of a CMS."""
