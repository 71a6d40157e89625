-- How long people took, part by part. Nobody stands in it.

CREATE TABLE paces (
    mode         TEXT   COLLATE "C" NOT NULL,
    program      TEXT   COLLATE "C" NOT NULL,
    part         TEXT   COLLATE "C" NOT NULL,
    milliseconds BIGINT NOT NULL,
    at           BIGINT NOT NULL
);
CREATE INDEX paces_by_time ON paces (mode, at);
