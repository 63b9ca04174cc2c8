import { productCount } from './demo-catalog.ts'
import * as value from './drawn-values.ts'
import { column, type PlannedTable } from './planned-table.ts'

const schema = 'sales'

/** The row numbers of the customers and orders, as other tables refer to them. */
export const customerCount = 5000
const orderCount = 12_000

// Orders have three and two lines in turn: every five lines belong to two orders.
const lineOrder = '(2 * ((i - 1) / 5) + CASE WHEN (i - 1) % 5 < 3 THEN 1 ELSE 2 END)'
const lineNumber = '(CASE WHEN (i - 1) % 5 < 3 THEN (i - 1) % 5 + 1 ELSE (i - 1) % 5 - 2 END)'
const lineAmount = `round(${value.whole('line quantity', 1, 6)} * product.unit_price * (1 - (ARRAY[0, 0, 0, 5, 10])[${value.whole('line discount', 1, 5)}] / 100.0), 2)`
const orderStatus = ['new', 'paid', 'shipped', 'delivered', 'delivered', 'delivered', 'cancelled', 'returned']
const orderedAt = value.moment('order moment', '2024-01-01', 720)

function monthlyPartitions(): string[] {
  return ['10', '11', '12'].map((month, index) => {
    const next = index === 2 ? '2026-01-01' : `2025-${Number(month) + 1}-01`
    return `CREATE TABLE sales.inventory_daily_2025_${month} PARTITION OF sales.inventory_daily FOR VALUES FROM ('2025-${month}-01') TO ('${next}')`
  })
}

/** The tables of schema `sales`: customers, orders, payments and stock. */
export const salesTables: PlannedTable[] = [
  {
    schema,
    name: 'customer',
    rows: customerCount,
    columns: [
      column('c_customer_sk', 'integer NOT NULL', 'i'),
      column(
        'c_salutation',
        'text',
        value.sometimes('customer salutation', 0.8, value.pick('customer salutation', ['Ms', 'Mr', 'Mx'])),
      ),
      column('c_first_name', 'text NOT NULL', value.givenName('customer')),
      column('c_last_name', 'text NOT NULL', value.familyName('customer')),
      column('c_email', 'text NOT NULL', value.email('customer')),
      column('c_phone', 'text', value.sometimes('customer phone', 0.6, value.phone('customer phone'))),
      column(
        'c_birth_date',
        'date',
        value.sometimes('customer birth', 0.5, value.day('customer birth', '1945-01-01', 22_000)),
      ),
      column(
        'c_segment',
        'text NOT NULL',
        value.pick('customer segment', ['private', 'private', 'private', 'business', 'school', 'landscaper']),
      ),
      column('c_language', 'char(2) NOT NULL', value.pick('customer language', ['de', 'de', 'de', 'en', 'nl', 'da'])),
      column('c_newsletter_flag', 'char(1) NOT NULL', value.pick('customer newsletter', ['Y', 'N', 'N'])),
      column('c_iban', 'text', value.sometimes('customer iban', 0.3, value.ibanLike('customer iban'))),
      column(
        'c_credit_limit',
        'numeric(10,2)',
        value.sometimes('customer credit', 0.25, value.decimal('customer credit', 100, 5_000)),
      ),
      column('kunnr', 'char(10)', value.sometimes('customer kunnr', 0.4, `${value.padded('i', 10)}`)),
      column(
        'x_legacy_status',
        'smallint',
        value.sometimes('customer legacy', 0.4, value.whole('customer legacy', 0, 7)),
      ),
      column('flg2', 'smallint', value.whole('customer flg2', 0, 1)),
      column('c_a', 'varchar(2)', value.sometimes('customer c_a', 0.2, value.pick('customer c_a', ['01', '02', '07']))),
      column('registered_at', 'timestamptz NOT NULL', value.moment('customer registered', '2019-03-01', 1_700)),
      column('updated_at', 'timestamptz NOT NULL', value.moment('customer updated', '2025-01-01', 360)),
    ],
    constraints: ['PRIMARY KEY (c_customer_sk)', 'UNIQUE (c_email)', `CHECK (c_newsletter_flag IN ('Y', 'N'))`],
  },
  {
    schema,
    name: 'customer_address',
    rows: 7000,
    columns: [
      column('ca_address_sk', 'integer NOT NULL', 'i'),
      column(
        'ca_customer_sk',
        'integer NOT NULL',
        `CASE WHEN i <= ${customerCount} THEN i ELSE ${value.whole('address customer', 1, customerCount)} END`,
      ),
      column('ca_address_type', 'text NOT NULL', `CASE WHEN i <= ${customerCount} THEN 'billing' ELSE 'shipping' END`),
      column(
        'ca_recipient',
        'text',
        value.sometimes(
          'address recipient',
          0.3,
          `${value.givenName('recipient')} || ' ' || ${value.familyName('recipient')}`,
        ),
      ),
      column('ca_company', 'text', value.sometimes('address company', 0.1, `${value.familyName('company')} || ' Ltd'`)),
      column(
        'ca_street',
        'text NOT NULL',
        `${value.pick('street 1', ['Garden', 'Mill', 'Orchard', 'Station', 'Meadow', 'Lake'])} || ' ' || ${value.pick('street 2', ['Street', 'Lane', 'Road', 'Row'])}`,
      ),
      column(
        'ca_house_number',
        'text NOT NULL',
        `${value.whole('house', 1, 180)} || ${value.pick('house letter', ['', '', '', '', 'a', 'b'])}`,
      ),
      column(
        'ca_addition',
        'text',
        value.sometimes('address addition', 0.08, `'floor ' || ${value.whole('floor', 1, 9)}`),
      ),
      column('ca_postal_code', 'text NOT NULL', value.padded(value.whole('postal code', 1_000, 99_999), 5)),
      column('ca_city', 'text NOT NULL', value.familyName('city')),
      column(
        'ca_region',
        'text',
        value.sometimes('region', 0.6, value.pick('region', ['North', 'South', 'East', 'West'])),
      ),
      column(
        'ca_country_code',
        'char(2) NOT NULL',
        value.pick('address country', ['DE', 'DE', 'DE', 'AT', 'NL', 'DK']),
      ),
      column('ca_latitude', 'numeric(9,6)', value.sometimes('geo', 0.7, value.decimal('latitude', 47, 57, 6))),
      column('ca_longitude', 'numeric(9,6)', value.sometimes('geo', 0.7, value.decimal('longitude', 6, 15, 6))),
      column(
        'ca_delivery_note',
        'text',
        value.sometimes(
          'delivery note',
          0.05,
          value.pick('delivery note', ['Ring twice', 'Leave in the shed', 'Mind the dog']),
        ),
      ),
      column('ca_valid_from', 'date NOT NULL', value.day('address from', '2019-03-01', 2_000)),
      column('ca_valid_to', 'date', value.sometimes('address to', 0.1, value.day('address to', '2025-01-01', 360))),
      column('ca_is_default', 'boolean NOT NULL', `i <= ${customerCount}`),
    ],
    constraints: ['PRIMARY KEY (ca_address_sk)', 'FOREIGN KEY (ca_customer_sk) REFERENCES sales.customer'],
  },
  {
    schema,
    name: 'voucher',
    rows: 200,
    columns: [
      column('voucher_code', 'text NOT NULL', `'GREEN' || ${value.padded('i', 4)}`),
      column(
        'discount_kind',
        'text NOT NULL',
        value.pick('voucher kind', ['percent', 'percent', 'amount', 'free_shipping']),
      ),
      column('discount_value', 'numeric(8,2)', `(ARRAY[5, 10, 10, 20])[${value.whole('voucher value', 1, 4)}]`),
      column(
        'min_order_value',
        'numeric(10,2)',
        value.sometimes('voucher least', 0.5, `(ARRAY[25, 50, 100])[${value.whole('voucher least', 1, 3)}]`),
      ),
      column('valid_from', 'date NOT NULL', value.day('voucher from', '2024-01-01', 600)),
      column('valid_to', 'date', `${value.day('voucher from', '2024-01-01', 600)} + 60`),
      column('usage_limit', 'integer', value.sometimes('voucher limit', 0.4, value.whole('voucher limit', 1, 500))),
    ],
    constraints: ['PRIMARY KEY (voucher_code)'],
  },
  {
    schema,
    name: 'order_line',
    rows: 30_000,
    joined: `JOIN catalog.product AS product ON product.product_id = ${value.skewed('line product', productCount)}`,
    columns: [
      column('order_id', 'bigint NOT NULL', lineOrder),
      column('line_number', 'smallint NOT NULL', lineNumber),
      column('product_id', 'integer NOT NULL', 'product.product_id'),
      column('quantity', 'integer NOT NULL', value.whole('line quantity', 1, 6)),
      column('unit_price', 'numeric(10,2) NOT NULL', 'product.unit_price'),
      column('discount_pct', 'numeric(4,1) NOT NULL', `(ARRAY[0, 0, 0, 5, 10])[${value.whole('line discount', 1, 5)}]`),
      column('vat_rate', 'numeric(4,2) NOT NULL', 'product.vat_rate'),
      column('net_amount', 'numeric(12,2) NOT NULL', lineAmount),
    ],
    constraints: [
      'PRIMARY KEY (order_id, line_number)',
      'FOREIGN KEY (order_id) REFERENCES sales.sales_order',
      'FOREIGN KEY (product_id) REFERENCES catalog.product',
      'CHECK (quantity > 0)',
    ],
  },
  {
    schema,
    name: 'sales_order',
    rows: orderCount,
    joined:
      'JOIN (SELECT order_id, sum(net_amount) AS net FROM sales.order_line GROUP BY order_id) AS lines ON lines.order_id = i',
    columns: [
      column('order_id', 'bigint NOT NULL', 'i'),
      column('order_number', 'text NOT NULL', `'SO-2024-' || ${value.padded('i', 6)}`),
      column('customer_id', 'integer NOT NULL', value.skewed('order customer', customerCount)),
      column('billing_address_id', 'integer NOT NULL', value.skewed('order customer', customerCount)),
      column(
        'order_status',
        'sales.order_status NOT NULL',
        `${value.pick('order status', orderStatus)}::sales.order_status`,
      ),
      column(
        'channel',
        'text NOT NULL',
        value.pick('order channel', ['web', 'web', 'web', 'app', 'app', 'phone', 'market']),
      ),
      column('ordered_at', 'timestamptz NOT NULL', orderedAt),
      column(
        'shipped_at',
        'timestamptz',
        value.sometimes(
          'order shipped',
          0.85,
          `${orderedAt} + make_interval(hours => ${value.whole('order hours', 4, 120)})`,
        ),
      ),
      column('currency_code', 'char(3) NOT NULL', `'EUR'`),
      column('net_total', 'numeric(12,2) NOT NULL', 'lines.net'),
      column('vat_total', 'numeric(12,2) NOT NULL', 'round(lines.net * 0.19, 2)'),
      column('shipping_fee', 'numeric(6,2) NOT NULL', 'CASE WHEN lines.net > 80 THEN 0 ELSE 4.95 END'),
      column(
        'voucher_code',
        'text',
        value.sometimes('order voucher', 0.12, `'GREEN' || ${value.padded(value.whole('order voucher', 1, 200), 4)}`),
      ),
    ],
    constraints: [
      'PRIMARY KEY (order_id)',
      'UNIQUE (order_number)',
      'FOREIGN KEY (customer_id) REFERENCES sales.customer',
      'FOREIGN KEY (billing_address_id) REFERENCES sales.customer_address',
      'FOREIGN KEY (voucher_code) REFERENCES sales.voucher',
    ],
  },
  {
    schema,
    name: 'payment',
    rows: 11_000,
    joined: 'JOIN sales.sales_order AS paid ON paid.order_id = i',
    columns: [
      column('payment_id', 'bigint NOT NULL', 'i'),
      column('order_id', 'bigint NOT NULL', 'paid.order_id'),
      column(
        'payment_method',
        'text NOT NULL',
        value.pick('payment method', ['card', 'card', 'transfer', 'wallet', 'invoice']),
      ),
      column('amount', 'numeric(12,2) NOT NULL', 'paid.net_total + paid.vat_total + paid.shipping_fee'),
      column('currency_code', 'char(3) NOT NULL', 'paid.currency_code'),
      column(
        'status',
        'text NOT NULL',
        value.pick('payment status', ['settled', 'settled', 'settled', 'pending', 'refunded', 'failed']),
      ),
      column('provider_reference', 'text', `'pay_' || substr(md5('payment' || i), 1, 16)`),
      column(
        'paid_at',
        'timestamptz',
        `paid.ordered_at + make_interval(mins => ${value.whole('payment minutes', 1, 4_000)})`,
      ),
    ],
    constraints: ['PRIMARY KEY (payment_id)', 'FOREIGN KEY (order_id) REFERENCES sales.sales_order'],
  },
  {
    schema,
    name: 'payment_card_vault',
    rows: 1500,
    columns: [
      column('card_id', 'uuid NOT NULL', value.uuid('card')),
      column('customer_id', 'integer NOT NULL', value.whole('card customer', 1, customerCount)),
      column('card_brand', 'text NOT NULL', value.pick('card brand', ['Alpha', 'Beta', 'Gamma'])),
      column('card_last4', 'char(4) NOT NULL', value.padded(value.whole('card digits', 0, 9_999), 4)),
      column('vault_token', 'text NOT NULL', `'tok_' || md5('token' || i)`),
      column('expires_on', 'date NOT NULL', value.day('card expires', '2026-01-31', 1_400)),
    ],
    constraints: ['PRIMARY KEY (card_id)', 'FOREIGN KEY (customer_id) REFERENCES sales.customer'],
  },
  {
    schema,
    name: 'return_request',
    rows: 1200,
    columns: [
      column('return_id', 'integer NOT NULL', 'i'),
      column('order_id', 'bigint NOT NULL', 'i * 10'),
      column('line_number', 'smallint NOT NULL', value.whole('return line', 1, 2)),
      column('reason_code', 'char(2) NOT NULL', value.pick('return reason', ['R1', 'R1', 'R2', 'R3', 'R9'])),
      column(
        'reason_text',
        'text',
        value.sometimes(
          'return text',
          0.4,
          value.pick('return text', ['damaged on the way', 'wrong size', 'no longer wanted']),
        ),
      ),
      column(
        'refunded_amount',
        'numeric(10,2)',
        value.sometimes('return refund', 0.8, value.decimal('return refund', 2, 150)),
      ),
      column('requested_at', 'timestamptz NOT NULL', value.moment('return requested', '2024-03-01', 650)),
      column('decided_by', 'text', value.sometimes('return decided', 0.8, `lower(${value.givenName('clerk')})`)),
    ],
    constraints: ['PRIMARY KEY (return_id)', 'FOREIGN KEY (order_id, line_number) REFERENCES sales.order_line'],
  },
  {
    schema,
    name: 'inventory_daily',
    rows: 9000,
    storage: 'PARTITION BY RANGE (snapshot_date)',
    beforeRows: monthlyPartitions(),
    columns: [
      column('snapshot_date', 'date NOT NULL', `date '2025-10-01' + (i - 1) / 100`),
      column('product_id', 'integer NOT NULL', '1 + (i - 1) % 100 * 24'),
      column('warehouse_code', 'char(3) NOT NULL', `(ARRAY['HAM', 'LEJ', 'AAR'])[1 + i % 3]`),
      column('on_hand', 'integer NOT NULL', value.whole('stock on hand', 0, 900)),
      column('reserved', 'integer NOT NULL', value.whole('stock reserved', 0, 60)),
      column('on_order', 'integer', value.sometimes('stock ordered', 0.3, value.whole('stock ordered', 10, 500))),
      column('reorder_point', 'integer', value.whole('stock reorder', 20, 120)),
    ],
    constraints: ['PRIMARY KEY (snapshot_date, product_id)', 'FOREIGN KEY (product_id) REFERENCES catalog.product'],
  },
  {
    // The customer master of the old system, as it was copied on the day of the migration.
    schema,
    name: 'kna1',
    rows: 2000,
    columns: [
      column('mandt', 'char(3) NOT NULL', `'100'`),
      column('kunnr', 'char(10) NOT NULL', value.padded('i', 10)),
      column('land1', 'char(3)', value.pick('kna1 country', ['DE', 'DE', 'AT', 'NL'])),
      column('name1', 'varchar(35)', `${value.familyName('kna1')} || ', ' || ${value.givenName('kna1')}`),
      column('ort01', 'varchar(35)', value.familyName('kna1 city')),
      column('pstlz', 'varchar(10)', value.padded(value.whole('kna1 postal', 1_000, 99_999), 5)),
      column('telf1', 'varchar(16)', value.sometimes('kna1 phone', 0.5, value.phone('kna1 phone'))),
      column('ktokd', 'char(4)', value.pick('kna1 group', ['0001', '0001', '0002', 'CPD'])),
      column('erdat', 'char(8)', `to_char(${value.day('kna1 created', '2009-01-01', 3_000)}, 'YYYYMMDD')`),
      column('sperr', 'char(1)', value.sometimes('kna1 blocked', 0.03, `'X'`)),
    ],
    constraints: ['PRIMARY KEY (mandt, kunnr)'],
  },
]
