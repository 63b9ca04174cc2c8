import { productCount } from './demo-catalog.ts'
import { customerCount } from './demo-sales.ts'
import * as value from './drawn-values.ts'
import { column, type PlannedTable } from './planned-table.ts'

const schema = 'events'
const sessionCount = 6000
const startedAt = value.moment('session started', '2025-10-01', 90)

/** The tables of schema `events`: what happened on the site, in the warehouses and in the jobs. */
export const eventsTables: PlannedTable[] = [
  {
    schema,
    name: 'web_session',
    rows: sessionCount,
    columns: [
      column('session_id', 'uuid NOT NULL', value.uuid('session')),
      column(
        'customer_id',
        'integer',
        value.sometimes('session customer', 0.35, value.whole('session customer', 1, customerCount)),
      ),
      column('started_at', 'timestamptz NOT NULL', startedAt),
      column(
        'ended_at',
        'timestamptz',
        `${startedAt} + make_interval(secs => ${value.whole('session length', 3, 3_600)})`,
      ),
      column('device_kind', 'text NOT NULL', value.pick('session device', ['phone', 'phone', 'desktop', 'tablet'])),
      column('country_code', 'char(2)', value.pick('session country', ['DE', 'DE', 'AT', 'NL', 'DK'])),
      column(
        'landing_path',
        'text NOT NULL',
        value.pick('session landing', ['/', '/plants', '/tools', '/sale', '/blog/pruning']),
      ),
      column(
        'utm_source',
        'text',
        value.sometimes('session source', 0.4, value.pick('session source', ['newsletter', 'search', 'partner'])),
      ),
      column('page_views', 'integer NOT NULL', value.skewed('session pages', 40)),
      column('ip_hash', 'char(32)', `md5('ip' || ${value.whole('session ip', 1, 4_000)})`),
    ],
    constraints: ['PRIMARY KEY (session_id)', 'FOREIGN KEY (customer_id) REFERENCES sales.customer'],
  },
  {
    schema,
    name: 'page_view',
    rows: 2140,
    columns: [
      column('event_id', 'bigint NOT NULL', 'i'),
      column('session_id', 'uuid NOT NULL', value.uuid('session', value.whole('view session', 1, sessionCount))),
      column('occurred_at', 'timestamptz NOT NULL', value.moment('view moment', '2025-10-01', 90)),
      column(
        'page_url',
        'text NOT NULL',
        `'https://shop.example.com/p/' || ${value.skewed('view product', productCount)}`,
      ),
      column('product_id', 'integer', value.skewed('view product', productCount)),
      column('duration_ms', 'integer', value.whole('view duration', 200, 240_000)),
      column(
        'attributes',
        'jsonb',
        `jsonb_build_object('scroll', ${value.whole('view scroll', 0, 100)}, 'theme', ${value.pick('view theme', ['light', 'dark'])})`,
      ),
    ],
    constraints: [
      'PRIMARY KEY (event_id)',
      'FOREIGN KEY (session_id) REFERENCES events.web_session',
      'FOREIGN KEY (product_id) REFERENCES catalog.product',
    ],
  },
  {
    schema,
    name: 'stock_movement',
    rows: 3000,
    columns: [
      column('movement_id', 'bigint NOT NULL', 'i'),
      column('product_id', 'integer NOT NULL', value.whole('movement product', 1, productCount)),
      column('warehouse_code', 'char(3) NOT NULL', value.pick('movement warehouse', ['HAM', 'LEJ', 'AAR'])),
      column(
        'movement_kind',
        'text NOT NULL',
        value.pick('movement kind', ['receipt', 'issue', 'issue', 'issue', 'transfer', 'write_off']),
      ),
      column('quantity', 'integer NOT NULL', value.whole('movement quantity', 1, 80)),
      column('moved_at', 'timestamptz NOT NULL', value.moment('movement moment', '2025-10-01', 90)),
      column('bwart', 'char(3)', value.pick('movement legacy', ['101', '201', '301', '551'])),
      column('user_name', 'text', `lower(${value.givenName('storekeeper')})`),
    ],
    constraints: ['PRIMARY KEY (movement_id)', 'FOREIGN KEY (product_id) REFERENCES catalog.product'],
  },
  {
    schema,
    name: 'job_log',
    rows: 0,
    columns: [
      column('job_id', 'bigint NOT NULL', 'i'),
      column('job_name', 'text NOT NULL', `''`),
      column('started_at', 'timestamptz NOT NULL', `timestamptz '2025-10-01 00:00:00+00'`),
      column('finished_at', 'timestamptz', 'NULL::timestamptz'),
      column('status', 'text NOT NULL', `''`),
      column('message', 'text', `''`),
    ],
    constraints: ['PRIMARY KEY (job_id)'],
  },
]
