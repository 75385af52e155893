-- A library as the program of commit 84ac0dd wrote it. Its index of words is made anew here.
PRAGMA application_id = 1097623414;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE images (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,
        sha256 TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        trashed_at INTEGER,
        server_name TEXT NOT NULL,
        model_title TEXT NOT NULL,
        job_id TEXT NOT NULL,
        prompt TEXT NOT NULL,
        negative_prompt TEXT NOT NULL,
        model TEXT NOT NULL,
        asked_width INTEGER NOT NULL,
        asked_height INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        guidance_scale REAL NOT NULL,
        seed INTEGER NOT NULL
    );
INSERT INTO images VALUES (1, '2026-11/1.png', '0000000000000000000000000000000000000000000000000000000000000001', 1000, 'image/png', 640, 512, 1795348860000000, NULL, 'Studio', 'Sketch', '00000000000000000000000000000001', 'a fox in the snow', 'people', 'sketch', 640, 512, 21, 7.0, 4000000001);
INSERT INTO images VALUES (2, '2026-11/2.png', '0000000000000000000000000000000000000000000000000000000000000002', 2000, 'image/png', 640, 512, 1795348920000000, NULL, 'Studio', 'Sketch', '00000000000000000000000000000002', 'an owl, 雪の中の梟', 'people', 'sketch', 640, 512, 22, 7.0, 4000000002);
INSERT INTO images VALUES (3, '2026-11/3.png', '0000000000000000000000000000000000000000000000000000000000000003', 3000, 'image/png', 640, 512, 1795348980000000, NULL, 'Studio', 'Sketch', '', 'the sea at night', 'people', 'sketch', 640, 512, 23, 7.0, 4000000003);
CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        position INTEGER NOT NULL,
        group_id TEXT NOT NULL,
        server_id TEXT NOT NULL,
        state TEXT NOT NULL,
        remote_id TEXT,
        failure_kind TEXT,
        failure_detail TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        prompt TEXT NOT NULL,
        negative_prompt TEXT NOT NULL,
        model TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        guidance_scale REAL NOT NULL,
        seed INTEGER NOT NULL
    , client_ref TEXT, picture_stem TEXT, revision INTEGER NOT NULL DEFAULT 0);
INSERT INTO jobs VALUES (1, 'f5b1b2f04e0f459f9eae69ef75c31f3f', 4294967296, 'f516a6a0ac344982b171cf960aa9add1', 'studio', 'running', 'remote 1', NULL, '', 1795410294703380, 1795410294722773, 'a boat, number 1', '', 'sketch', 512, 512, 30, 7.5, 1, NULL, NULL, 2);
INSERT INTO jobs VALUES (2, '1b84c51a7c7e4129ade85f76e4f6ba08', 8589934592, 'f516a6a0ac344982b171cf960aa9add1', 'studio', 'waiting', NULL, NULL, '', 1795410294703436, 1795410294703436, 'a boat, number 2', '', 'sketch', 512, 512, 30, 7.5, 2, NULL, NULL, 0);
INSERT INTO jobs VALUES (3, 'e083c47ef69c415c9c57f0ee9a685632', 12884901888, 'f516a6a0ac344982b171cf960aa9add1', 'studio', 'waiting', NULL, NULL, '', 1795410294703447, 1795410294703447, 'a boat, number 3', '', 'sketch', 512, 512, 30, 7.5, 3, NULL, NULL, 0);
CREATE TABLE line (last_position INTEGER NOT NULL);
INSERT INTO line VALUES (12884901888);
CREATE TABLE timings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        server_id TEXT NOT NULL,
        model TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        seconds REAL NOT NULL,
        ended_at INTEGER NOT NULL
    );
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('images', 3);
INSERT INTO sqlite_sequence VALUES ('jobs', 3);
CREATE INDEX images_shown ON images (id) WHERE trashed_at IS NULL;
CREATE INDEX images_trashed ON images (id) WHERE trashed_at IS NOT NULL;
CREATE UNIQUE INDEX images_job ON images (job_id) WHERE job_id <> '';
CREATE INDEX jobs_open ON jobs (position, id)
       WHERE state NOT IN ('done', 'cancelled');
CREATE INDEX jobs_waiting ON jobs (server_id, position, id)
       WHERE state = 'waiting';
CREATE INDEX jobs_unsettled ON jobs (state, server_id)
       WHERE state IN ('submitting', 'held');
CREATE INDEX jobs_stored ON jobs (number)
       WHERE picture_stem IS NOT NULL AND state <> 'done';
CREATE INDEX timings_kind ON timings (server_id, model, width, height, steps, number);
COMMIT;
