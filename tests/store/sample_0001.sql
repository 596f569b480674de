-- Rows of a database of version 1, written as that version wrote them. Never change this file: it stands for
-- the databases people have. Later versions add a sample of their own beside it.
PRAGMA foreign_keys = ON;
INSERT INTO repository VALUES
    (42, 'old/name', 'https://github.com/old/name', 'main', 0, 0, 1, 1, 1, '2026-05-01 09:00:00.000000');
INSERT INTO person VALUES (1, 'ada', '2026-05-01 09:00:00.000000');
INSERT INTO milestone VALUES
    (42, 3, 103, 'v3', '', 'open', '2026-05-20', '2026-05-01 09:00:00.000000', '2026-05-02 09:00:00.000000', NULL,
     'https://github.com/old/name/milestone/3', '2026-05-02 09:00:00.000000');
INSERT INTO milestone_version VALUES
    (42, 3, '2026-05-01 09:00:00.000000', 'd1', 103, 'v3', '', 'open', '2026-05-10', '2026-05-01 09:00:00.000000',
     NULL, 'https://github.com/old/name/milestone/3', '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000'),
    (42, 3, '2026-05-02 09:00:00.000000', 'd2', 103, 'v3', '', 'open', '2026-05-20', '2026-05-01 09:00:00.000000',
     NULL, 'https://github.com/old/name/milestone/3', '2026-05-02 09:00:00.000000', '2026-05-02 09:00:00.000000');
INSERT INTO work_item VALUES
    (1, 42, 1, 'issue', 'Build the engine', 'Text', 'open', NULL, 1, '[1]', '["bug"]', 3,
     '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000', NULL, 'https://github.com/old/name/issues/1',
     '2026-05-01 09:00:00.000000', 0, NULL, NULL, NULL, '[]', NULL, NULL, NULL,
     '{"reason":"2026-05-01T09:00:00.000000+00:00|2026-05-01T09:00:00.000000+00:00"}'),
    (2, 42, 2, 'pr', 'Add a wheel', '', 'open', NULL, NULL, '[]', '[]', NULL,
     '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000', NULL, 'https://github.com/old/name/pull/2',
     '2026-05-01 09:00:00.000000', 1, NULL, 'c0ffee', 'main', '[1]', 3, 4, '["a.py"]', '{}');
INSERT INTO comment VALUES
    (1, 42, 0, 5, 1, 1, 'The engine works.', '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000',
     'https://github.com/old/name/issues/1#issuecomment-5', '2026-05-01 09:00:00.000000');
INSERT INTO alert VALUES
    ('alert-1', '2026-05-01 09:00:00.000000',
     '{"id":"alert-1","kind":"overdue","sprint_id":"s1","reason":"It is late.","severity":"high","evidence":[{"id":"issue:old/name#1","kind":"issue","url":"https://github.com/old/name/issues/1","quote":"Build the engine","observed_at":"2026-05-01T09:00:00Z"}],"at":"2026-05-01T09:00:00Z","target":""}',
     NULL);
INSERT INTO setting VALUES ('theme', 'dark');
INSERT INTO audit VALUES (1, 'user', 'setting changed', 'theme', '', 'dark', '2026-05-01 09:00:00.000000');
INSERT INTO forecast VALUES
    (1, 's1', '2026-05-01 09:00:00.000000', 'f1', '2026-05-20', 0.62, NULL, 20, 30, 10000, 7, 'mc-1', '{}');
INSERT INTO job VALUES
    (1, 'fetch', 'sync', '{}', 2, 'dead', 4, '2026-05-01 09:00:21.000000', '2026-05-01 09:00:00.000000',
     '2026-05-01 09:00:21.000000', '2026-05-01 09:00:22.000000', '', 'It broke.');
