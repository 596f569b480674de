-- Rows of a database of version 2, written as that version wrote them. Never change this file: it stands for
-- the databases people have. Later versions add a sample of their own beside it.
PRAGMA foreign_keys = ON;
INSERT INTO repository VALUES
    (42, 'old/name', 'https://github.com/old/name', 'main', 0, 0, 1, 1, 1, '2026-05-01 09:00:00.000000');
INSERT INTO repository_name VALUES
    (42, 'old/name'),
    (42, 'o/r');
INSERT INTO person VALUES
    (1, 'lovelace', '2026-05-01 10:00:00.000000');
INSERT INTO person_name VALUES
    (1, 'ada', '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000'),
    (1, 'lovelace', '2026-05-01 10:00:00.000000', '2026-05-01 10:00:00.000000');
INSERT INTO work_item VALUES
    (1, 42, 1, 'issue', 'Build the engine', '', 'open', NULL, 1, '[]', '[]', NULL, '2026-05-01 09:00:00.000000', '2026-05-01 10:00:00.000000', NULL, 'https://x/1', '2026-05-01 10:00:00.000000', 0, NULL, NULL, NULL, '[]', NULL, NULL, NULL, '{"reason":"2026-05-01T10:00:00.000000+00:00|2026-05-01T10:00:00.000000+00:00"}');
INSERT INTO item_version VALUES
    (42, 1, '2026-05-01 09:00:00.000000', '77e68d19e70ffb1d56122e5c00a48d9c', '{"assignees":"[]","author_id":1,"body":"","closed_at":null,"created_at":"2026-05-01T09:00:00+00:00","kind":"issue","labels":"[]","milestone_number":null,"state":"open","state_reason":null,"title":"Build the engine","url":"https://x/1"}', '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000'),
    (42, 1, '2026-05-01 10:00:00.000000', '77e68d19e70ffb1d56122e5c00a48d9c', '{"assignees":"[]","author_id":1,"body":"","closed_at":null,"created_at":"2026-05-01T09:00:00+00:00","kind":"issue","labels":"[]","milestone_number":null,"state":"open","state_reason":null,"title":"Build the engine","url":"https://x/1"}', '2026-05-01 10:00:00.000000', '2026-05-01 10:00:00.000000');
INSERT INTO git_commit VALUES
    (42, 'c0ffee', 'Fix', 1, '2026-05-01 09:00:00.000000', 'https://x/1', '2026-05-01 09:00:00.000000', NULL, NULL, '{}');
INSERT INTO check_result VALUES
    (42, 'check', 1, 'c0ffee', 'tests', 'completed', 'success', '2026-05-01 09:00:00.000000', '2026-05-01 10:00:00.000000', 'https://x/1', '2026-05-01 09:00:00.000000');
INSERT INTO release VALUES
    (42, 1, 'v1', '', 0, 0, 1, '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000', 'https://x/1', '2026-05-01 09:00:00.000000');
INSERT INTO deployment VALUES
    (42, 1, 'c0ffee', 'main', 'production', 'success', '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000', 'https://x/1', '2026-05-01 09:00:00.000000');
INSERT INTO branch_list VALUES
    (42, '[["main","c0ffee",true]]', '2026-05-01 09:00:00.000000');
INSERT INTO item_links VALUES
    (42, 1, 'blocked_by', '[["x/y",9,"Other","https://x/9"]]', '2026-05-01 09:00:00.000000');
INSERT INTO board VALUES
    ('P1', 1, 'o', 'Plan', 'https://x/p/1', 0, '2026-05-01 09:00:00.000000', '2026-05-01 11:00:00.000000', 'cf13c713d2af5888a6860a7d6292dfab');
INSERT INTO board_iteration VALUES
    ('P1', 'A', 'Plan', 'Iteration A', '2026-05-04', 14, 0, 'https://x/p/1', '2026-05-01 11:00:00.000000'),
    ('P1', 'B', 'Plan', 'Iteration B', '2026-05-18', 14, 0, 'https://x/p/1', '2026-05-01 11:00:00.000000');
INSERT INTO board_item VALUES
    ('P1', 'I1', 42, 1, 'B', 'Todo', 3.0, '2026-05-01 09:00:00.000000', 0);
INSERT INTO board_span VALUES
    ('P1', 'I1', 'A', 42, '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000'),
    ('P1', 'I1', 'B', 42, '2026-05-01 11:00:00.000000', '2026-05-01 11:00:00.000000');
INSERT INTO board_look VALUES
    ('P1', '2026-05-01 09:00:00.000000'),
    ('P1', '2026-05-01 11:00:00.000000');
INSERT INTO cursor VALUES
    (42, 'issues', 'p', 1, '', 1);
INSERT INTO list_mark VALUES
    (42, 'issues', '2026-05-01 10:00:00.000000');
INSERT INTO reconcile_mark VALUES
    (42, '2026-05-01 10:00:00.000000');
INSERT INTO wish VALUES
    ('x/y', 'x/y');
INSERT INTO refused_wish VALUES
    ('x/y', 'GitHub does not show x/y.', '2026-05-01 09:00:00.000000');
INSERT INTO exchange VALUES
    (1, '2026-05-01 09:00:00.000000', 'api.github.com', 'old/name', 'issues', 'GET', '/repos/o/r/issues', 200, 'ok', 1, 'core', 4999, 100, 10, 0.5);
INSERT INTO usage_day VALUES
    ('2026-05-01', 'old/name', 'issues', 1, 1, 100, 10);
INSERT INTO host_traffic VALUES
    ('api.github.com', 'GitHub', 1, 0, 100, 10, '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000');
INSERT INTO outbox_change VALUES
    ('c1', 42, 'draft', '2026-05-01 09:00:00.000000', NULL, '{"id":"c1","kind":"title","repository_id":42,"repository":"old/name","item_number":1,"base":"Item 1","mine":"Better","who":"user","created_at":"2026-05-01T09:00:00Z","title":"","labels":[],"assignees":[],"milestone":null,"state":"draft","approved_by":"","approved_digest":"","approved_at":null,"attempts":0,"next_try_at":null,"sending_since":null,"error":"","theirs":null,"sent_at":null,"url":""}');
INSERT INTO audit VALUES
    (1, 'user', 'change draft', 'old/name#1', '', 'draft title c1 de9602c311d5', '2026-05-01 09:00:00.000000');
