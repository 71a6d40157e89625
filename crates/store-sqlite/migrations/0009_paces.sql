-- How long people took, part by part. Nobody stands in it.

CREATE TABLE paces (
    mode         TEXT    NOT NULL,
    program      TEXT    NOT NULL,
    part         TEXT    NOT NULL,
    milliseconds INTEGER NOT NULL,
    at           INTEGER NOT NULL
) STRICT;
CREATE INDEX paces_by_time ON paces (mode, at);
