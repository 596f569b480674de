-- Rows of a database of version 7, written as that version wrote them. Never change this file: it stands for
-- the databases people have. Later versions add a sample of their own beside it.
PRAGMA foreign_keys = ON;
INSERT INTO repository VALUES
    (42, 'old/name', 'https://github.com/old/name', 'main', 0, 0, 1, 1, 1, '2026-05-01 09:00:00.000000');
INSERT INTO repository_name VALUES
    (42, 'o/r'),
    (42, 'old/name');
INSERT INTO person VALUES
    (1, 'ada', '2026-05-01 10:00:00.000000');
INSERT INTO person_name VALUES
    (1, 'ada', '2026-05-01 09:00:00.000000', '2026-05-01 10:00:00.000000');
INSERT INTO work_item VALUES
    (1, 42, 1, 'issue', 'Item 1', '', 'open', NULL, 1, '[]', '[]', NULL, '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000', NULL, 'https://x/1', '2026-05-01 09:00:00.000000', 0, NULL, NULL, NULL, '[]', NULL, NULL, NULL, '{"reason":"2026-05-01T09:00:00.000000+00:00|2026-05-01T09:00:00.000000+00:00"}'),
    (2, 42, 2, 'pr', 'Item 2', '', 'open', NULL, 1, '[]', '[]', NULL, '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000', NULL, 'https://x/1', '2026-05-01 10:00:00.000000', 0, NULL, 'c0ffee', 'main', '[]', NULL, NULL, NULL, '{"draft":"2026-05-01T09:00:00.000000+00:00|2026-05-01T10:00:00.000000+00:00","head":"2026-05-01T09:00:00.000000+00:00|2026-05-01T10:00:00.000000+00:00","reviewers":"2026-05-01T09:00:00.000000+00:00|2026-05-01T10:00:00.000000+00:00"}');
INSERT INTO item_version VALUES
    (42, 1, '2026-05-01 09:00:00.000000', '79dec0650780074756bb73f195a8429a', '{"assignees":"[]","author_id":1,"body":"","closed_at":null,"created_at":"2026-05-01T09:00:00+00:00","kind":"issue","labels":"[]","milestone_number":null,"state":"open","state_reason":null,"title":"Item 1","url":"https://x/1"}', '2026-05-01 09:00:00.000000', '2026-05-01 09:00:00.000000'),
    (42, 2, '2026-05-01 09:00:00.000000', '730f80e70d7970941a4d74813f2109ac', '{"assignees":"[]","author_id":1,"body":"","closed_at":null,"created_at":"2026-05-01T09:00:00+00:00","kind":"pr","labels":"[]","milestone_number":null,"state":"open","state_reason":null,"title":"Item 2","url":"https://x/1"}', '2026-05-01 10:00:00.000000', '2026-05-01 10:00:00.000000');
INSERT INTO git_commit VALUES
    (42, 'ba5e', 'Fix', 1, '2026-05-01 09:00:00.000000', 'https://x/1', '2026-05-01 09:00:00.000000', NULL, NULL, '{}');
INSERT INTO pull_commits VALUES
    (42, 2, '[["c0ffee","Try it\n\nFixes #1",1,"2026-05-01T09:00:00+00:00","2026-05-01T09:00:00+00:00"],["decaf","Try it",null,"2026-05-01T09:00:00+00:00","2026-05-01T10:00:00+00:00"]]', 300, '2026-05-01 10:00:00.000000');
INSERT INTO cursor VALUES
    (42, 'issues', 'p', 1, '', 1);
INSERT INTO ledger_inputs VALUES
    ('beced1fe696351bb996169a4f1987ca19b5f52f37c7ef3071f9c044cf3580bfc', 'eJyrVipOTU1RsjKvBQAS2ANP');
INSERT INTO ledger_entry VALUES
    ('0267a88c062d951a30df63a3c366de13', 'sprint-101', 'v1', '2026-05-01 09:00:00.000000', '2026-05-10', 0.62, '', 0.5, 0.7, 0.6, 0.58, 0.3, 3, 2, '{"base_rate":0.5,"linear_burn":null}', 'galaxy-forecast/1', 7, 'beced1fe696351bb996169a4f1987ca19b5f52f37c7ef3071f9c044cf3580bfc', 'live');
INSERT INTO ledger_outcome VALUES
    ('sprint-101', 1, '2026-05-10', '2026-05-10', 5, 5, '5 of 5 items were done');
INSERT INTO intervention VALUES
    ('a1@1', 'a1', 'sprint-101', 'drop', '2026-05-01 10:00:00.000000', 'under way', '{"intervention":{"id":"a1@1","recommendation_id":"a1","sprint_id":"s1","sprint_title":"v1","kind":"drop","summary":"Drop #1","item_ids":["issue:o/r#1"],"effort":"small","accepted_at":"2026-05-01T10:00:00Z","done_by":"2026-05-02","done_when":"it has left","probability":0.62,"promised":0.09,"due_on":null,"planned_days":null,"before":[{"item_id":"issue:o/r#1","age_days":2.0,"blocked_by":[],"waiting_for_review_days":null,"red":false,"remaining_share":1.0,"lines":null,"boxes":0,"owners":[],"part_of":[],"slip_days":0.0}],"evidence":[{"id":"issue:o/r#1","kind":"issue","url":"https://x/1","quote":"Item 1 🚀","observed_at":"2026-05-01T10:00:00Z"}]},"progress":"under way","sentence":"Accepted.","done_at":null,"evidence":[],"probability":null,"without":null,"seen":null,"helped":null}');
INSERT INTO learning_reset VALUES
    ('drop', '2026-05-01 09:00:00.000000');
INSERT INTO course VALUES
    ('s1', '2026-05-01', '2026-05-01 09:00:00.000000', 0.62);
INSERT INTO balloon VALUES
    (1, '2026-05-01 09:00:00.000000', 'alerts');
INSERT INTO digest VALUES
    ('2026-05-01', '2026-05-01 09:00:00.000000', '');
INSERT INTO mute VALUES
    ('issue:old/name#1', '2026-05-01 09:00:00.000000', NULL);
INSERT INTO model_run VALUES
    ('s1/abc/small', 's1', '2026-05-01 09:00:00.000000', 'small', 'sha256:c0ffee', '[["system", "1"]]', '{"format": 1}');
INSERT INTO answer VALUES
    ('k1', 'what blocks 1.2?', 'f00d', 'sha256:c0ffee', 'answer 1', '2026-05-01 09:00:00.000000', '{}');
INSERT INTO noticed VALUES
    ('noticed:0123456789abcdef', 's1', 'risk', 'o/r#1 and o/r#2 wait.', '["issue:old/name#1", "pr:old/name#2"]', 'small', '2026-05-01 09:00:00.000000', 'useful', '2026-05-01 10:00:00.000000');
