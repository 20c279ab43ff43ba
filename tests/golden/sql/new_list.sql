INSERT INTO data_tools_rowlist (id, parent_id, dataset_id, revision, row_count, used_at)
VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, now())
ON CONFLICT DO NOTHING

-- Parameters, in order:
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
-- None
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 900
