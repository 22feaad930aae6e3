"""Schema of deliveries: events, deliveries, and their queue, which is pgmq's.

pgmq is SQL; `pgmq/pgmq.sql` is version 1.13.0 as it was published. Its functions are made in the schema of the mock,
and not in one that all mocks of a database would share: each has its queue, and needs no other right. The functions
below are what joins them to our tables. Each begins by reading `stores`, as whatever replaces all records locks that.

The lane of a message (pgmq's group) is the number of its subscription. An event of a name is written by one
transaction at a time: else of two messages of a lane the later one could be seen first, and be sent before the other.
One that is held stands in a lane of its own until it was tried; it keeps its message, and thereby its place.
"""

import re
from importlib.resources import files

TABLES = """
CREATE SEQUENCE event_numbers;
CREATE SEQUENCE delivery_ends;
CREATE TABLE events (
    number bigint PRIMARY KEY, event_name bytea NOT NULL, store_code bytea NOT NULL, created_at float8 NOT NULL,
    content bytea NOT NULL
);
CREATE INDEX ON events (store_code);
-- `due` is a time of the mock's clock, for which the message `queued_as` waits. `fault` is NULL until one was chosen.
-- `revision` is the transaction of the last change; `finished` is in the order of the ends.
CREATE TABLE deliveries (
    number bigint, place integer, lane bigint NOT NULL, subscription_id bytea NOT NULL, url bytea NOT NULL,
    message_id uuid NOT NULL, status text NOT NULL DEFAULT 'pending', attempts bytea NOT NULL DEFAULT '[]',
    reason bytea NOT NULL DEFAULT '', fault text, held boolean NOT NULL DEFAULT false, due float8, queued_as bigint,
    size bigint NOT NULL DEFAULT 0, revision bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    finished bigint, PRIMARY KEY (number, place)
);
CREATE INDEX ON deliveries (revision);
CREATE INDEX ON deliveries (message_id);
CREATE INDEX ON deliveries (finished) WHERE finished IS NOT NULL;
CREATE INDEX ON deliveries (lane) WHERE finished IS NULL;
CREATE INDEX ON deliveries (queued_as) WHERE due IS NOT NULL;
CREATE INDEX ON deliveries (lane) WHERE held;
CREATE TABLE delivery_figures (forgotten bigint NOT NULL, emptied bigint NOT NULL);
INSERT INTO delivery_figures VALUES (0, 0);
SELECT pgmq.create('deliveries');
"""

EMIT = """
CREATE FUNCTION emit_event(store bytea, name bytea, at float8, body bytea, key text) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    event_number bigint;
    lanes bigint[];
BEGIN
    PERFORM FROM stores WHERE code = store;
    PERFORM FROM subscriptions WHERE store_code = store AND event_name = name LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(
        hashtextextended(concat_ws('.', current_schema(), encode(store, 'hex'), encode(name, 'hex')), 0)
    );
    event_number := nextval('event_numbers');
    WITH found AS (
        SELECT n, subscription_id, url, row_number() OVER (ORDER BY n) AS place,
            encode(sha256(convert_to(concat_ws('.', key, event_number, ''), 'UTF8') || subscription_id), 'hex') AS drawn
        FROM subscriptions WHERE store_code = store AND event_name = name
    ), added AS (
        INSERT INTO deliveries (number, place, lane, subscription_id, url, message_id)
        SELECT event_number, place, n, subscription_id, url,
            concat(substr(drawn, 1, 12), '4', substr(drawn, 14, 3), '8', substr(drawn, 18, 15))::uuid
        FROM found RETURNING place, lane
    ) SELECT array_agg(lane ORDER BY place) INTO lanes FROM added;
    IF lanes IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO events VALUES (event_number, name, store, at, body);
    PERFORM pgmq.send_batch(
        'deliveries', array_agg(jsonb_build_array(event_number, place) ORDER BY place),
        array_agg(jsonb_build_object('x-pgmq-group', lane::text) ORDER BY place)
    ) FROM unnest(lanes) WITH ORDINALITY AS recipient (lane, place);
    PERFORM pg_notify(current_schema(), 'queued');
    RETURN ARRAY[event_number, cardinality(lanes)];
END $$;
"""

# What is taken is read in a statement of its own: it sees what was committed after the first one had begun. OFFSET 0
# keeps PostgreSQL from reading whole tables, which it would for so many keys, of whose number it knows nothing.
TAKE = """
CREATE FUNCTION take_deliveries(most integer, lease integer) RETURNS TABLE (
    a_message bigint, b_reads integer, c_number bigint, d_place integer, e_status text, f_attempts bytea, g_fault text,
    h_message_id uuid, i_url bytea, j_event_name bytea, k_store_code bytea, l_created_at float8, m_content bytea,
    n_subscription_id bytea, o_found bytea, p_subscribed_at float8, q_destination bytea, r_secret bytea,
    s_key_version bigint, t_rotated_at float8, u_legacy boolean
) LANGUAGE plpgsql AS $$
DECLARE
    heads pgmq.message_record[];
BEGIN
    PERFORM FROM stores LIMIT 1;
    SELECT array_agg(head) INTO heads FROM pgmq.read_grouped_head('deliveries', lease, most) head;
    IF heads IS NULL THEN
        RETURN;
    END IF;
    UPDATE deliveries SET due = NULL, queued_as = NULL
    WHERE queued_as = ANY (ARRAY(SELECT msg_id FROM unnest(heads))) AND due IS NOT NULL;
    RETURN QUERY SELECT h.msg_id, h.read_ct, (h.message->>0)::bigint, (h.message->>1)::integer, d.status, d.attempts,
        d.fault, d.message_id, d.url, e.event_name, e.store_code, e.created_at, e.content, d.subscription_id,
        s.subscription_id, s.created_at, s.destination, s.secret, s.key_version, s.rotated_at, s.legacy
    FROM unnest(heads) h
    LEFT JOIN LATERAL (
        SELECT * FROM deliveries WHERE number = (h.message->>0)::bigint AND place = (h.message->>1)::integer OFFSET 0
    ) d ON true
    LEFT JOIN LATERAL (SELECT * FROM events WHERE number = d.number OFFSET 0) e ON true
    LEFT JOIN LATERAL (
        SELECT * FROM subscriptions WHERE store_code = e.store_code AND subscription_id = d.subscription_id OFFSET 0
    ) s ON true ORDER BY h.msg_id;
END $$;
"""

# `wait` is in real seconds, infinite while the clock stands still; NULL if the delivery is finished. They return
# whether the lease still held: if not, another worker has the message, and nothing is changed. Whatever ends a lease
# counts the message as read once more: a renewal that was asked for before must not take back its new time.
# To settle is what is done most: its statements are planned once for a connection, and read by index, also if they were
# planned for empty tables; pgmq's own functions would plan each of theirs anew.
SETTLE = """
CREATE FUNCTION moment_in(wait float8) RETURNS timestamptz LANGUAGE sql AS $$
    SELECT CASE WHEN wait = 'infinity' THEN 'infinity' ELSE clock_timestamp() + make_interval(secs => wait) END
$$;
CREATE FUNCTION settle_delivery(
    lease_of bigint, reads integer, of_number bigint, of_place integer, new_status text, made bytea, why bytea,
    chosen text, bytes bigint, until float8, wait float8
) RETURNS boolean LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    its_lane bigint;
    messages bigint[];
BEGIN
    PERFORM FROM stores LIMIT 1;
    PERFORM FROM q_deliveries WHERE msg_id = lease_of AND read_ct = reads FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE deliveries SET status = new_status, attempts = made, reason = why, fault = chosen, size = bytes,
        held = false, due = until, queued_as = CASE WHEN wait IS NOT NULL THEN lease_of END,
        revision = pg_current_xact_id()::text::bigint,
        finished = CASE WHEN wait IS NULL THEN nextval('delivery_ends') END
    WHERE number = of_number AND place = of_place RETURNING lane INTO its_lane;
    IF its_lane IS NOT NULL AND wait IS NOT NULL THEN
        UPDATE q_deliveries SET vt = moment_in(wait), read_ct = read_ct + 1,
            headers = jsonb_build_object('x-pgmq-group', its_lane::text)
        WHERE msg_id = lease_of;
        RETURN true;
    END IF;
    DELETE FROM q_deliveries WHERE msg_id = lease_of;
    WITH overtaken AS (
        UPDATE deliveries SET due = NULL WHERE lane = its_lane AND held AND due IS NOT NULL RETURNING queued_as
    ) SELECT array_agg(queued_as) INTO messages FROM overtaken;
    IF messages IS NOT NULL THEN
        UPDATE q_deliveries SET vt = clock_timestamp() WHERE msg_id = ANY (messages);
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION hold_delivery(
    lease_of bigint, reads integer, of_number bigint, of_place integer, chosen text, until float8, wait float8
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM stores LIMIT 1;
    UPDATE q_deliveries SET vt = moment_in(wait), read_ct = read_ct + 1,
        headers = jsonb_build_object('x-pgmq-group', concat(headers->>'x-pgmq-group', '-held'))
    WHERE msg_id = lease_of AND read_ct = reads;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE deliveries SET fault = chosen, held = true, due = until, queued_as = lease_of
    WHERE number = of_number AND place = of_place;
    RETURN true;
END $$;
"""

AGAIN = """
CREATE FUNCTION deliver_again(of_number bigint, of_place integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    its_lane bigint;
BEGIN
    PERFORM FROM stores LIMIT 1;
    UPDATE deliveries SET status = 'pending', reason = '', fault = '', finished = NULL,
        revision = pg_current_xact_id()::text::bigint
    WHERE number = of_number AND place = of_place AND finished IS NOT NULL RETURNING lane INTO its_lane;
    IF its_lane IS NULL THEN
        RETURN false;
    END IF;
    PERFORM pgmq.send(
        'deliveries', jsonb_build_array(of_number, of_place), jsonb_build_object('x-pgmq-group', its_lane::text)
    );
    PERFORM pg_notify(current_schema(), 'queued');
    RETURN true;
END $$;
"""

FORGET = """
CREATE FUNCTION forget_deliveries(most bigint, most_bytes bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    numbers bigint[];
BEGIN
    PERFORM FROM stores LIMIT 1;
    WITH ends AS (
        SELECT number, place, row_number() OVER latest AS nth, sum(size) OVER latest AS bytes FROM deliveries
        WHERE finished IS NOT NULL WINDOW latest AS (ORDER BY finished DESC)
    ), gone AS (
        DELETE FROM deliveries d USING ends WHERE d.number = ends.number AND d.place = ends.place
            AND d.finished IS NOT NULL AND nth > 1 AND (nth > most OR bytes > most_bytes) RETURNING d.number
    ) SELECT array_agg(number) INTO numbers FROM gone;
    IF numbers IS NULL THEN
        RETURN 0;
    END IF;
    UPDATE delivery_figures SET forgotten = forgotten + cardinality(numbers);
    DELETE FROM events e WHERE e.number = ANY (numbers)
        AND NOT EXISTS (SELECT FROM deliveries d WHERE d.number = e.number);
    RETURN cardinality(numbers);
END $$;
"""

# Revisions are transactions, whose numbers begin anew in the database that a dump is restored in: those to come
# would hide later changes.
RENUMBER = """
UPDATE deliveries SET revision = 0 WHERE revision >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
UPDATE delivery_figures SET emptied = 0 WHERE emptied >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
"""


def migration(schema: str) -> str:
    """The statements that make all of it in this schema, which has the tables of records."""
    published = files("mockserver.storage.postgres").joinpath("pgmq/pgmq.sql").read_text("utf-8")
    return relocated(published, schema) + relocated(TABLES + EMIT + TAKE + SETTLE + AGAIN + FORGET, schema)


def relocated(statements: str, schema: str) -> str:
    """Statements that mean this schema where they name pgmq's. Those that make that one, and that let monitoring read
    all tables in it, are left out: ours is there, and has secrets in it."""
    kept = re.sub(r"^(GRANT|ALTER DEFAULT PRIVILEGES) .*;$", "", statements, flags=re.MULTILINE)
    kept = kept.replace("CREATE SCHEMA IF NOT EXISTS pgmq;", "NULL;").replace("extname = 'pgmq'", "extname = ''")
    return re.sub(r"(?<![\w-])pgmq(?=\W)", schema, kept)
