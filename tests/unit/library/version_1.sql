-- A library as version 1 of the program wrote it (issue 2), from Connection.iterdump().
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
INSERT INTO "images" VALUES(1,'2026-11/done.png','0000000000000000000000000000000000000000000000000000000000000000',9,'image/png',64,48,1795366074873128,NULL,'This computer','Sketch','08e0fff71e944a80bf5e2bd210618b0f','number 0','haze','sketch',64,48,30,7.5,0);
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
INSERT INTO "jobs" VALUES(1,'08e0fff71e944a80bf5e2bd210618b0f',1048576,'a4ce48db64d54a2aab71b86437c578a5','local','done','remote 0',NULL,'',1795366074858793,1795366074873287,'number 0','haze','sketch',64,48,30,7.5,0);
INSERT INTO "jobs" VALUES(2,'66bd192f4101431b974659b4f847aad8',2097152,'a4ce48db64d54a2aab71b86437c578a5','local','fetching','remote 1',NULL,'',1795366074858793,1795366074959027,'number 1','haze','sketch',64,48,30,7.5,1);
INSERT INTO "jobs" VALUES(3,'c4ada2d517094319876967cbcba28c7b',3145728,'a4ce48db64d54a2aab71b86437c578a5','local','running','remote 2',NULL,'',1795366074858793,1795366074978671,'number 2','haze','sketch',64,48,30,7.5,2);
INSERT INTO "jobs" VALUES(4,'846cc23e734e4d7a89a984ba49171798',4194304,'a4ce48db64d54a2aab71b86437c578a5','local','failed',NULL,'engine','no such model',1795366074858793,1795366074991021,'number 3','haze','sketch',64,48,30,7.5,3);
INSERT INTO "jobs" VALUES(5,'6bf5f5ca17344f2db94b1341e72d9668',5242880,'a4ce48db64d54a2aab71b86437c578a5','local','unknown',NULL,NULL,'',1795366074858793,1795366075034569,'number 4','haze','sketch',64,48,30,7.5,4);
INSERT INTO "jobs" VALUES(6,'b4a554c8cf3548cfb06f03456acd02bc',6291456,'a4ce48db64d54a2aab71b86437c578a5','local','cancelled',NULL,NULL,'',1795366074858793,1795366075051351,'number 5','haze','sketch',64,48,30,7.5,5);
INSERT INTO "jobs" VALUES(7,'df55d46459d842959d38c66f4e18901c',7340032,'a4ce48db64d54a2aab71b86437c578a5','local','submitting',NULL,NULL,'',1795366074858793,1795366075070977,'number 6','haze','sketch',64,48,30,7.5,6);
INSERT INTO "jobs" VALUES(8,'efe33c12dfa042a2a0d5c07109549df8',8388608,'a4ce48db64d54a2aab71b86437c578a5','local','waiting',NULL,NULL,'',1795366074858793,1795366074858793,'number 7','haze','sketch',64,48,30,7.5,7);
CREATE INDEX images_shown ON images (id) WHERE trashed_at IS NULL;
CREATE INDEX images_trashed ON images (id) WHERE trashed_at IS NOT NULL;
CREATE UNIQUE INDEX images_job ON images (job_id) WHERE job_id <> '';
CREATE INDEX jobs_open ON jobs (position, number)
       WHERE state NOT IN ('done', 'cancelled');
CREATE INDEX jobs_waiting ON jobs (server_id, position, number)
       WHERE state = 'waiting';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',8);
INSERT INTO "sqlite_sequence" VALUES('images',1);
COMMIT;
