DROP TABLE source_ids;
