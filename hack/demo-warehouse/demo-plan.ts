import { catalogTables } from './demo-catalog.ts'
import { eventsTables } from './demo-events.ts'
import { salesTables } from './demo-sales.ts'
import type { PlannedComment, WarehousePlan } from './planned-table.ts'

const types = [
  `CREATE TYPE catalog.product_kind AS ENUM ('plant', 'seed', 'tool', 'soil', 'pot', 'accessory')`,
  `CREATE TYPE sales.order_status AS ENUM ('new', 'paid', 'shipped', 'delivered', 'cancelled', 'returned')`,
]

const views = [
  `CREATE VIEW catalog.active_product AS
    SELECT product_id, sku, product_name, category_name, unit_price, currency_code
    FROM catalog.product JOIN catalog.category USING (category_id) WHERE is_active`,
  `CREATE VIEW sales.order_overview AS
    SELECT o.order_id, o.order_number, c.c_first_name || ' ' || c.c_last_name AS customer_name, o.order_status, o.ordered_at,
      (SELECT count(*) FROM sales.order_line AS l WHERE l.order_id = o.order_id) AS line_count, o.net_total
    FROM sales.sales_order AS o JOIN sales.customer AS c ON c.c_customer_sk = o.customer_id`,
  `CREATE MATERIALIZED VIEW sales.order_summary_mv AS
    SELECT date_trunc('month', ordered_at AT TIME ZONE 'UTC')::date AS order_month, channel, count(*) AS order_count,
      sum(net_total) AS net_total, round(avg(net_total), 2) AS average_order_value
    FROM sales.sales_order WHERE order_status <> 'cancelled' GROUP BY 1, 2`,
]

/** The comments of the demo that say something plainly wrong, for reviews to find. */
export const wrongComments: PlannedComment[] = [
  { on: 'COLUMN catalog.product.weight_g', text: 'Price of the product in euros, including value added tax.' },
  { on: 'COLUMN sales.sales_order.shipped_at', text: 'Date of birth of the customer.' },
]

const comments: PlannedComment[] = [
  { on: 'TABLE sales.inventory_daily', text: 'Stock level per product and warehouse at the end of each day.' },
  { on: 'MATERIALIZED VIEW sales.order_summary_mv', text: 'Orders per month and channel, without cancelled ones.' },
  { on: 'COLUMN catalog.product.sku', text: 'Stock keeping unit: letters of the product line and a running number.' },
  { on: 'COLUMN catalog.product.vat_rate', text: 'Value added tax in percent.' },
  { on: 'COLUMN sales.sales_order.channel', text: 'Where the order was placed: web, app, phone or market.' },
  { on: 'TABLE catalog.supplier', text: 'Companies the shop buys from.' },
  ...wrongComments,
]

/** The demo: an online shop for plants and garden tools, 100,000 rows in three schemas. */
export const demoPlan: WarehousePlan = {
  schemas: ['catalog', 'sales', 'events'],
  types,
  tables: [...catalogTables, ...salesTables, ...eventsTables],
  views,
  comments,
  hiddenFromReader: ['sales.payment_card_vault'],
  foreignTable: {
    name: 'sales.partner_order',
    create: (server) => `CREATE FOREIGN TABLE sales.partner_order (
      partner_order_id bigint OPTIONS (column_name 'order_id'),
      partner_order_number text OPTIONS (column_name 'order_number'),
      buyer text OPTIONS (column_name 'customer_name'),
      placed_at timestamptz OPTIONS (column_name 'ordered_at'),
      net_total numeric(12,2)
    ) SERVER ${server} OPTIONS (schema_name 'sales', table_name 'order_overview')`,
  },
}
