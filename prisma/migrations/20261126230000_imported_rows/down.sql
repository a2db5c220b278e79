DELETE FROM source_ids WHERE source <> 'main';
ALTER TABLE source_ids DROP CONSTRAINT source_ids_pkey;
ALTER TABLE source_ids DROP COLUMN source;
ALTER TABLE source_ids ADD CONSTRAINT source_ids_pkey PRIMARY KEY (row_id, source_id);
DROP TABLE imported_rows;
