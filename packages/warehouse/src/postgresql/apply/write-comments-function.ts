/**
 * A function of the session that writes the comments of one table: one statement, one transaction, one outcome per row.
 * A `DO` block cannot return rows; a function in pg_temp needs no right but TEMP and ends with the connection.
 *
 * Each row runs in a sub-transaction of its own (the exception block), so that one fault loses one row. The lock that COMMENT
 * takes anyway is taken before the live comment is read, so that nobody can change it between the comparison and the write.
 *
 * It never stands in the queue of a lock, where others would wait behind it and where PostgreSQL would cancel an autovacuum for
 * it: it looks whether the lock is free, again and again until `wait_ms` are over, and holds nothing in between. After that no
 * other row of the table waits.
 */
export const writeCommentsFunction = `
CREATE OR REPLACE FUNCTION pg_temp.amx_write_comments(the_rows pg_catalog.jsonb, on_drift pg_catalog.text, is_dry pg_catalog.bool,
  wait_ms pg_catalog.int4, session_path pg_catalog.text)
RETURNS TABLE (place pg_catalog.int8, outcome pg_catalog.text, old_text pg_catalog.text, state pg_catalog.text, message pg_catalog.text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1ms'
AS $amx$
DECLARE
  item jsonb;
  new_text text;
  seen_text text;
  relation_id oid;
  relation_kind "char";
  relation_owner oid;
  column_number int2;
  command text;
  locked_id oid := 0;
  give_up_at timestamptz;
  blocked_state text;
  blocked_message text;
  is_running bool;
BEGIN
  FOR place, item IN SELECT e.ordinality, e.value FROM jsonb_array_elements(the_rows) WITH ORDINALITY e LOOP
    new_text := nullif(item->>'text', '');
    seen_text := nullif(item->>'expected', '');
    LOOP
      outcome := 'Failed';
      old_text := NULL;
      state := NULL;
      message := NULL;
      is_running := false;
      BEGIN
        IF item->>'kind' = 'Database' THEN
          SELECT d.oid, d.datdba, shobj_description(d.oid, 'pg_database') INTO relation_id, relation_owner, old_text
          FROM pg_database d WHERE d.datname = current_database();
          command := format('COMMENT ON DATABASE %I IS %L', current_database(), new_text);
        ELSIF item->>'kind' = 'Schema' THEN
          SELECT n.oid, n.nspowner, obj_description(n.oid, 'pg_namespace') INTO relation_id, relation_owner, old_text
          FROM pg_namespace n WHERE n.nspname = item->>'schema';
          IF relation_id IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = '3F000', MESSAGE = format('schema "%s" does not exist', item->>'schema');
          END IF;
          command := format('COMMENT ON SCHEMA %I IS %L', item->>'schema', new_text);
        ELSE
          SELECT c.oid, c.relkind, c.relowner INTO relation_id, relation_kind, relation_owner
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = item->>'schema' AND c.relname = item->>'relation';
          IF relation_id IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = '42P01',
              MESSAGE = format('relation "%s.%s" does not exist', item->>'schema', item->>'relation');
          ELSIF relation_kind NOT IN ('r', 'p', 'f', 'v', 'm') THEN
            RAISE EXCEPTION USING ERRCODE = '42809',
              MESSAGE = format('"%s.%s" is not a table, view or foreign table', item->>'schema', item->>'relation');
          END IF;
          -- Who may not write the comment takes no lock either: COMMENT itself refuses it.
          IF blocked_state IS NULL AND relation_id <> locked_id AND NOT is_dry AND relation_kind IN ('r', 'p')
            AND pg_has_role(relation_owner, 'USAGE') AND has_schema_privilege(item->>'schema', 'USAGE') THEN
            EXECUTE format('LOCK TABLE ONLY %I.%I IN SHARE UPDATE EXCLUSIVE MODE NOWAIT', item->>'schema', item->>'relation');
            locked_id := relation_id;
          END IF;
          IF item->>'kind' = 'Column' THEN
            SELECT a.attnum INTO column_number FROM pg_attribute a
            WHERE a.attrelid = relation_id AND a.attname = item->>'column' AND a.attnum > 0 AND NOT a.attisdropped;
            IF column_number IS NULL THEN
              RAISE EXCEPTION USING ERRCODE = '42703', MESSAGE = format('column "%s" of relation "%s.%s" does not exist',
                item->>'column', item->>'schema', item->>'relation');
            END IF;
            old_text := col_description(relation_id, column_number);
            command := format('COMMENT ON COLUMN %I.%I.%I IS %L',
              item->>'schema', item->>'relation', item->>'column', new_text);
          ELSE
            old_text := obj_description(relation_id, 'pg_class');
            command := format('COMMENT ON %s %I.%I IS %L',
              CASE relation_kind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
              item->>'schema', item->>'relation', new_text);
          END IF;
        END IF;

        IF old_text IS NOT DISTINCT FROM new_text THEN
          IF (item->>'intended')::bool THEN
            outcome := 'Applied';
            old_text := seen_text;
          ELSE
            outcome := 'AlreadyThere';
          END IF;
        ELSIF old_text IS DISTINCT FROM seen_text AND on_drift <> 'Overwrite' THEN
          outcome := 'Drifted';
        ELSIF is_dry AND NOT pg_has_role(relation_owner, 'USAGE') THEN
          RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'must be owner of the object';
        ELSIF is_dry THEN
          outcome := 'Applied';
        ELSIF blocked_state IS NOT NULL THEN
          state := blocked_state;
          message := blocked_message;
        ELSE
          -- Event triggers of the database run as they do for anybody else.
          PERFORM set_config('search_path', session_path, true);
          IF relation_id = locked_id THEN
            PERFORM set_config('lock_timeout', wait_ms::text, true);
          END IF;
          is_running := true;
          EXECUTE command;
          is_running := false;
          PERFORM set_config('search_path', 'pg_catalog, pg_temp', true), set_config('lock_timeout', '1', true);
          outcome := 'Applied';
        END IF;
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
        -- The object was there: what is missing now is missed by something that COMMENT set off.
        outcome := CASE WHEN is_running THEN 'FailedWithin' ELSE 'Failed' END;
        -- A lock taken within the row went with it.
        locked_id := 0;
        IF state IN ('55P03', '40P01') AND blocked_state IS NULL THEN
          give_up_at := coalesce(give_up_at, clock_timestamp() + wait_ms * interval '1 millisecond');
          IF clock_timestamp() < give_up_at THEN
            PERFORM pg_sleep(0.02);
          ELSE
            -- Once more for what can be said without a lock.
            blocked_state := state;
            blocked_message := message;
          END IF;
          CONTINUE;
        END IF;
      END;
      EXIT;
    END LOOP;
    RETURN NEXT;
  END LOOP;
END
$amx$`

/** Calls it: rows as JSON, what to do on drift, whether to only compare, milliseconds to wait for a lock. */
export const callWriteComments = `SELECT place, outcome, old_text, state, message
FROM pg_temp.amx_write_comments($1::pg_catalog.jsonb, $2::pg_catalog.text, $3::pg_catalog.bool, $4::pg_catalog.int4,
  pg_catalog.current_setting('search_path'))`
