-- A library as the program of commit dde7fa7 wrote it. Its index of words is made anew here.
PRAGMA application_id = 1097623414;
PRAGMA user_version = 3;
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
    , tool TEXT NOT NULL DEFAULT '', parent_sha256 TEXT NOT NULL DEFAULT '', missing_since INTEGER, is_favourite INTEGER NOT NULL DEFAULT 0, rating INTEGER NOT NULL DEFAULT 0, notes TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '', albums TEXT NOT NULL DEFAULT '', modified_ns INTEGER NOT NULL DEFAULT 0, sidecar_due INTEGER NOT NULL DEFAULT 0);
INSERT INTO images VALUES (1, '2026-11/1.png', '0000000000000000000000000000000000000000000000000000000000000001', 1000, 'image/png', 640, 512, 1795348860000000, NULL, 'Studio', 'Sketch', '00000000000000000000000000000001', 'a fox in the snow', 'people', 'sketch', 640, 512, 21, 7.0, 4000000001, '', '', NULL, 0, 4, 'for the wall', 'Fox
winter', 'Best of all', 0, 4);
INSERT INTO images VALUES (2, '2026-11/2.png', '0000000000000000000000000000000000000000000000000000000000000002', 2000, 'image/png', 640, 512, 1795348920000000, NULL, 'Studio', 'Sketch', '00000000000000000000000000000002', 'an owl, 雪の中の梟', 'people', 'sketch', 640, 512, 22, 7.0, 4000000002, '', '', NULL, 1, 0, '', 'Fox
winter', 'Best of all', 0, 3);
INSERT INTO images VALUES (3, '2026-11/3.png', '0000000000000000000000000000000000000000000000000000000000000003', 3000, 'image/png', 640, 512, 1795348980000000, 1795410296482436, 'Studio', 'Sketch', '', 'the sea at night', 'people', 'sketch', 640, 512, 23, 7.0, 4000000003, 'ComfyUI', '0000000000000000000000000000000000000000000000000000000000000001', NULL, 0, 0, '', '', '', 0, 1);
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
    , client_ref TEXT, picture_stem TEXT, revision INTEGER NOT NULL DEFAULT 0, parent_sha256 TEXT NOT NULL DEFAULT '');
INSERT INTO jobs VALUES (1, 'c16d1002bccc41468dcd505c87fa55f4', 4294967296, '69b413e4f8bc42d688e052efa8006d53', 'studio', 'running', 'remote 1', NULL, '', 1795410296439232, 1795410296440495, 'a boat, number 1', '', 'sketch', 512, 512, 30, 7.5, 1, NULL, NULL, 2, '');
INSERT INTO jobs VALUES (2, 'd182e62f33a64b7592d5ccf3a5324bc1', 8589934592, '69b413e4f8bc42d688e052efa8006d53', 'studio', 'waiting', NULL, NULL, '', 1795410296439272, 1795410296439272, 'a boat, number 2', '', 'sketch', 512, 512, 30, 7.5, 2, NULL, NULL, 0, '');
INSERT INTO jobs VALUES (3, 'b171b99351b84bd48261f5c107276d44', 12884901888, '69b413e4f8bc42d688e052efa8006d53', 'studio', 'waiting', NULL, NULL, '', 1795410296439282, 1795410296439282, 'a boat, number 3', '', 'sketch', 512, 512, 30, 7.5, 3, NULL, NULL, 0, '');
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
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE);
INSERT INTO tags VALUES (1, 'Fox');
INSERT INTO tags VALUES (2, 'winter');
CREATE TABLE image_tags (
        tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
        image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
        PRIMARY KEY (tag_id, image_id)
    ) WITHOUT ROWID;
INSERT INTO image_tags VALUES (1, 1);
INSERT INTO image_tags VALUES (2, 1);
INSERT INTO image_tags VALUES (1, 2);
INSERT INTO image_tags VALUES (2, 2);
CREATE TABLE albums (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        position INTEGER NOT NULL
    );
INSERT INTO albums VALUES (1, 'Best of all', 1);
CREATE TABLE album_images (
        album_id INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE,
        image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
        position INTEGER NOT NULL,
        PRIMARY KEY (album_id, image_id)
    ) WITHOUT ROWID;
INSERT INTO album_images VALUES (1, 2, 4294967296);
INSERT INTO album_images VALUES (1, 1, 8589934592);
CREATE TABLE saved_searches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        text TEXT NOT NULL,
        sort TEXT NOT NULL,
        position INTEGER NOT NULL
    );
INSERT INTO saved_searches VALUES (1, 'Foxes', 'tag:fox', 'rating', 1);
CREATE TABLE raw_metadata (
        image_id INTEGER PRIMARY KEY REFERENCES images ON DELETE CASCADE,
        data BLOB NOT NULL
    );
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('images', 3);
INSERT INTO sqlite_sequence VALUES ('jobs', 3);
INSERT INTO sqlite_sequence VALUES ('albums', 1);
INSERT INTO sqlite_sequence VALUES ('saved_searches', 1);
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
CREATE INDEX image_tags_image ON image_tags (image_id);
CREATE INDEX album_images_order ON album_images (album_id, position, image_id);
CREATE INDEX album_images_image ON album_images (image_id);
CREATE INDEX images_trashed_at ON images (trashed_at)
       WHERE trashed_at IS NOT NULL;
CREATE INDEX images_sha256 ON images (sha256);
CREATE INDEX images_parent ON images (parent_sha256) WHERE parent_sha256 <> '';
CREATE INDEX images_missing ON images (id) WHERE missing_since IS NOT NULL;
CREATE INDEX images_sidecar_due ON images (id) WHERE sidecar_due <> 0;
CREATE INDEX images_facts ON images (
           id, rating, is_favourite, width, height, steps, guidance_scale, seed, created_at,
           server_name
       ) WHERE trashed_at IS NULL;
CREATE INDEX images_rating ON images (rating, id) WHERE trashed_at IS NULL;
CREATE INDEX images_area ON images (width * height, id) WHERE trashed_at IS NULL;
CREATE INDEX images_random ON images ((id * id % 4294967291) * 1140071481 % 4294967291) WHERE trashed_at IS NULL;
CREATE INDEX images_created ON images (created_at) WHERE trashed_at IS NULL;
CREATE INDEX images_seed ON images (seed) WHERE trashed_at IS NULL;
CREATE INDEX images_steps ON images (steps) WHERE trashed_at IS NULL;
CREATE INDEX images_guidance ON images (guidance_scale) WHERE trashed_at IS NULL;
CREATE INDEX images_server ON images (server_name);
CREATE INDEX images_model ON images (model_title);
CREATE INDEX images_favourite ON images (id)
       WHERE is_favourite AND trashed_at IS NULL;
CREATE INDEX images_imported ON images (id)
       WHERE tool <> '' AND trashed_at IS NULL;
CREATE INDEX images_noted ON images (id)
       WHERE notes <> '' AND trashed_at IS NULL;
CREATE VIRTUAL TABLE images_text USING fts5(
        prompt, negative_prompt, notes, tags, model, model_title, albums,
        content='images', content_rowid='id', prefix='1 2 3 4 5 6 7 8 9 10 11 12',
        tokenize='unicode61 remove_diacritics 2'
    );
INSERT INTO images_text (images_text, rank) VALUES ('automerge', 0);
INSERT INTO images_text (images_text, rank) VALUES ('crisismerge', 256);
INSERT INTO images_text (images_text, rank) VALUES ('usermerge', 16);
INSERT INTO images_text (images_text) VALUES ('rebuild');
CREATE TRIGGER images_text_inserted AFTER INSERT ON images BEGIN
        INSERT INTO images_text
            (rowid, prompt, negative_prompt, notes, tags, model, model_title, albums)
        VALUES (new.id, new.prompt, new.negative_prompt, new.notes, new.tags, new.model,
                new.model_title, new.albums);
    END;
CREATE TRIGGER images_text_deleted AFTER DELETE ON images BEGIN
        INSERT INTO images_text (images_text, rowid, prompt, negative_prompt, notes, tags, model,
                                 model_title, albums)
        VALUES ('delete', old.id, old.prompt, old.negative_prompt, old.notes, old.tags, old.model,
                old.model_title, old.albums);
    END;
CREATE TRIGGER images_text_updated AFTER UPDATE OF
        prompt, negative_prompt, notes, tags, model, model_title, albums ON images BEGIN
        INSERT INTO images_text (images_text, rowid, prompt, negative_prompt, notes, tags, model,
                                 model_title, albums)
        VALUES ('delete', old.id, old.prompt, old.negative_prompt, old.notes, old.tags, old.model,
                old.model_title, old.albums);
        INSERT INTO images_text
            (rowid, prompt, negative_prompt, notes, tags, model, model_title, albums)
        VALUES (new.id, new.prompt, new.negative_prompt, new.notes, new.tags, new.model,
                new.model_title, new.albums);
    END;
COMMIT;
