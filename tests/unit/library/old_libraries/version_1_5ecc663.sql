-- A library as the program of commit 5ecc663 wrote it. Its index of words is made anew here.
PRAGMA application_id = 1097623414;
PRAGMA user_version = 1;
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
        );
INSERT INTO jobs VALUES (1, '237a940baffa48b5ab528363171184a1', 1048576, '64997e7fd18d4808a2e0776de23f76d1', 'studio', 'running', 'remote 1', NULL, '', 1795410293295185, 1795410293303583, 'a boat, number 1', '', 'sketch', 512, 512, 30, 7.5, 1);
INSERT INTO jobs VALUES (2, 'ca5f801456e94257ab40398bc96f27b8', 2097152, '64997e7fd18d4808a2e0776de23f76d1', 'studio', 'waiting', NULL, NULL, '', 1795410293295185, 1795410293295185, 'a boat, number 2', '', 'sketch', 512, 512, 30, 7.5, 2);
INSERT INTO jobs VALUES (3, 'acf36bb659d84955bce077e6ea9c5ede', 3145728, '64997e7fd18d4808a2e0776de23f76d1', 'studio', 'waiting', NULL, NULL, '', 1795410293295185, 1795410293295185, 'a boat, number 3', '', 'sketch', 512, 512, 30, 7.5, 3);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('images', 3);
INSERT INTO sqlite_sequence VALUES ('jobs', 3);
CREATE INDEX images_shown ON images (id) WHERE trashed_at IS NULL;
CREATE INDEX images_trashed ON images (id) WHERE trashed_at IS NOT NULL;
CREATE UNIQUE INDEX images_job ON images (job_id) WHERE job_id <> '';
CREATE INDEX jobs_open ON jobs (position, number)
           WHERE state NOT IN ('done', 'cancelled');
CREATE INDEX jobs_waiting ON jobs (server_id, position, number)
           WHERE state = 'waiting';
COMMIT;
