import * as value from './drawn-values.ts'
import { column, type PlannedTable } from './planned-table.ts'

const schema = 'catalog'

/** The row numbers of the products, as other tables refer to them. */
export const productCount = 2400

const kinds = ['plant', 'plant', 'plant', 'seed', 'tool', 'tool', 'soil', 'pot', 'accessory'] as const
const genera = [
  'Lavandula',
  'Salvia',
  'Rosa',
  'Hosta',
  'Acer',
  'Ficus',
  'Monstera',
  'Sedum',
  'Allium',
  'Thymus',
  'Geranium',
  'Hydrangea',
]
const epithets = ['angustifolia', 'officinalis', 'major', 'nana', 'japonica', 'vulgaris', 'alba', 'repens']
const things = [
  'Lavender',
  'Sage',
  'Rose',
  'Maple',
  'Trowel',
  'Spade',
  'Pruner',
  'Watering can',
  'Peat-free soil',
  'Clay pot',
  'Seed tray',
  'Twine',
]
const qualities = ['Classic', 'Compact', 'Premium', 'Balcony', 'Nordic', 'Heritage', 'Everyday', 'Workshop']

/** The tables of schema `catalog`: what the shop sells and who supplies it. */
export const catalogTables: PlannedTable[] = [
  {
    schema,
    name: 'category',
    rows: 40,
    columns: [
      column('category_id', 'integer NOT NULL', 'i'),
      column('parent_category_id', 'integer', 'CASE WHEN i > 8 THEN 1 + (i - 1) % 8 END'),
      column(
        'category_name',
        'text NOT NULL',
        `${value.pick('category quality', qualities)} || ' ' || lower(${value.pick('category thing', things)}) || 's ' || i`,
      ),
      column('sort_order', 'smallint NOT NULL', '(i % 8 + 1) * 10'),
      column('is_visible', 'boolean NOT NULL', 'i % 13 <> 0'),
      column('created_at', 'timestamptz NOT NULL', value.moment('category created', '2019-03-01', 400)),
    ],
    constraints: [
      'PRIMARY KEY (category_id)',
      'UNIQUE (category_name)',
      'FOREIGN KEY (parent_category_id) REFERENCES catalog.category',
    ],
  },
  {
    schema,
    name: 'supplier',
    rows: 120,
    columns: [
      column('supplier_id', 'integer NOT NULL', 'i'),
      column(
        'supplier_name',
        'text NOT NULL',
        `${value.familyName('supplier')} || ${value.pick('supplier form', [' Nursery', ' Tools', ' & Co', ' Gardens', ' Trading'])} || ' ' || i`,
      ),
      column(
        'country_code',
        'char(2) NOT NULL',
        value.pick('supplier country', ['DE', 'DE', 'NL', 'NL', 'DK', 'PL', 'IT', 'SE']),
      ),
      column(
        'contact_name',
        'text',
        `${value.givenName('supplier contact')} || ' ' || ${value.familyName('supplier contact')}`,
      ),
      column('contact_email', 'text', value.email('supplier contact')),
      column('contact_phone', 'text', value.sometimes('supplier phone', 0.8, value.phone('supplier phone'))),
      column('iban', 'text', value.ibanLike('supplier iban')),
      column(
        'payment_terms_days',
        'smallint NOT NULL',
        `(ARRAY[14, 30, 30, 60])[${value.whole('supplier terms', 1, 4)}]`,
      ),
      column(
        'rating',
        'numeric(2,1)',
        value.sometimes('supplier rating', 0.7, value.decimal('supplier rating', 1, 5, 1)),
      ),
      column('active_flag', 'char(1) NOT NULL', value.pick('supplier active', ['Y', 'Y', 'Y', 'Y', 'N'])),
    ],
    constraints: ['PRIMARY KEY (supplier_id)', `CHECK (active_flag IN ('Y', 'N'))`],
  },
  {
    schema,
    name: 'product',
    rows: productCount,
    columns: [
      column('product_id', 'integer NOT NULL', 'i'),
      column(
        'sku',
        'text NOT NULL',
        `${value.pick('product line', ['PL', 'SD', 'TL', 'SO', 'PT'])} || '-' || ${value.padded('i', 6)}`,
      ),
      column(
        'product_name',
        'text NOT NULL',
        `${value.pick('product quality', qualities)} ${"|| ' ' ||"} ${value.pick('product thing', things)}`,
      ),
      column('category_id', 'integer NOT NULL', value.whole('product category', 9, 40)),
      column('supplier_id', 'integer NOT NULL', value.skewed('product supplier', 120)),
      column(
        'product_kind',
        'catalog.product_kind NOT NULL',
        `${value.pick('product kind', kinds)}::catalog.product_kind`,
      ),
      column('unit_price', 'numeric(10,2) NOT NULL', value.decimal('product price', 1.5, 180)),
      column(
        'purchase_price',
        'numeric(10,2)',
        value.sometimes('product purchase', 0.9, value.decimal('product purchase', 0.5, 90)),
      ),
      column('currency_code', 'char(3) NOT NULL', `'EUR'`),
      column('vat_rate', 'numeric(4,2) NOT NULL', `(ARRAY[19.00, 19.00, 7.00])[${value.whole('product vat', 1, 3)}]`),
      column('weight_g', 'integer', value.sometimes('product weight', 0.85, value.whole('product weight', 5, 25_000))),
      column('length_mm', 'integer', value.sometimes('product length', 0.6, value.whole('product length', 20, 2_200))),
      column('ean', 'char(13)', value.sometimes('product ean', 0.9, `'2' || ${value.padded('i', 12)}`)),
      column('is_active', 'boolean NOT NULL', value.chance('product active', 0.88)),
      column(
        'x_legacy_status',
        'smallint',
        value.sometimes('product legacy', 0.4, value.whole('product legacy', 0, 7)),
      ),
      column('launched_on', 'date', value.day('product launched', '2019-03-01', 2_300)),
      column('updated_at', 'timestamptz NOT NULL', value.moment('product updated', '2025-01-01', 360)),
    ],
    constraints: [
      'PRIMARY KEY (product_id)',
      'UNIQUE (sku)',
      'FOREIGN KEY (category_id) REFERENCES catalog.category',
      'FOREIGN KEY (supplier_id) REFERENCES catalog.supplier',
      'CHECK (unit_price > 0)',
    ],
  },
  {
    schema,
    name: 'plant_detail',
    rows: 1000,
    columns: [
      column('product_id', 'integer NOT NULL', 'i * 2'),
      column(
        'botanical_name',
        'text NOT NULL',
        `${value.pick('plant genus', genera)} || ' ' || ${value.pick('plant epithet', epithets)}`,
      ),
      column(
        'light_need',
        'text NOT NULL',
        value.pick('plant light', ['full sun', 'half shade', 'half shade', 'shade']),
      ),
      column('water_need', 'text', value.pick('plant water', ['low', 'medium', 'medium', 'high'])),
      column('hardiness_zone', 'smallint', value.sometimes('plant zone', 0.9, value.whole('plant zone', 3, 11))),
      column('height_cm_min', 'integer', value.whole('plant least height', 5, 60)),
      column(
        'height_cm_max',
        'integer',
        `${value.whole('plant least height', 5, 60)} + ${value.whole('plant growth', 10, 300)}`,
      ),
      column(
        'bloom_months',
        'smallint[]',
        `ARRAY[${value.whole('plant bloom', 3, 8)}, ${value.whole('plant bloom', 3, 8)} + 1]::smallint[]`,
      ),
      column('toxic_to_pets', 'boolean', value.sometimes('plant toxic', 0.75, value.chance('plant toxic', 0.2))),
      column(
        'care_text',
        'text',
        `'Keep ' || ${value.pick('plant light', ['full sun', 'half shade', 'half shade', 'shade'])} || ', cut back in ' || ${value.pick('plant cut', ['March', 'April', 'October'])} || '.'`,
      ),
    ],
    constraints: [
      'PRIMARY KEY (product_id)',
      'FOREIGN KEY (product_id) REFERENCES catalog.product',
      'CHECK (height_cm_max >= height_cm_min)',
    ],
  },
  {
    schema,
    name: 'product_review',
    rows: 4000,
    columns: [
      column('review_id', 'uuid NOT NULL', value.uuid('review')),
      column('product_id', 'integer NOT NULL', value.skewed('review product', productCount)),
      column('customer_id', 'integer NOT NULL', value.whole('review customer', 1, 5000)),
      column('rating', 'smallint NOT NULL', `(ARRAY[1, 2, 3, 4, 4, 5, 5, 5])[${value.whole('review rating', 1, 8)}]`),
      column(
        'title',
        'text',
        value.pick('review title', [
          'Very happy',
          'As described',
          'Arrived late',
          'Lovely plant',
          'Broke after a week',
        ]),
      ),
      column(
        'body',
        'text',
        `'After ' || ${value.whole('review weeks', 1, 30)} || ' weeks: ' || ${value.pick('review body', ['still growing well.', 'no complaints.', 'the handle is loose.', 'would buy again.'])}`,
      ),
      column('lang', 'char(2) NOT NULL', value.pick('review language', ['de', 'de', 'en', 'nl', 'da'])),
      column('created_at', 'timestamptz NOT NULL', value.moment('review created', '2024-01-01', 700)),
    ],
    constraints: [
      'PRIMARY KEY (review_id)',
      'FOREIGN KEY (product_id) REFERENCES catalog.product',
      'FOREIGN KEY (customer_id) REFERENCES sales.customer',
      'CHECK (rating BETWEEN 1 AND 5)',
    ],
  },
  {
    // Brought over from the system before this one; nobody knows all of its columns any more.
    schema,
    name: 't_prod_ext',
    rows: 2400,
    columns: [
      column('c_a', 'integer NOT NULL', 'i'),
      column('c_b', 'varchar(4)', value.pick('ext b', ['A1', 'A2', 'B1', 'Z9'])),
      column('c_c', 'integer', value.sometimes('ext c', 0.3, value.whole('ext c', 0, 99_999))),
      column('val1', 'double precision', value.sometimes('ext val1', 0.8, value.drawn('ext val1'))),
      column('val2', 'text', value.sometimes('ext val2', 0.1, `md5('ext' || i)`)),
      column('flgAktiv', 'smallint', value.whole('ext active', 0, 1)),
      column('ts', 'timestamp', `timestamp '2018-06-30 23:59:59'`),
    ],
    constraints: ['PRIMARY KEY (c_a)'],
  },
]
