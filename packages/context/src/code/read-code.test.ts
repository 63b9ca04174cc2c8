import { describe, expect, it } from 'vitest'
import type { Passage } from '../passage.ts'
import { readPassages } from '../read-passages.ts'

async function read(path: string, text: string, docsBlocks = new Map<string, string>()): Promise<readonly Passage[]> {
  const extraction = await readPassages(path, Buffer.from(text), {
    kind: 'Code',
    docsBlocks,
    signal: AbortSignal.timeout(20_000),
  })
  if ('reason' in extraction) throw new Error(extraction.reason)
  const lines = text.split('\n')
  for (const { startLine, endLine, text: passage } of extraction.passages) {
    if (path.endsWith('.yml')) continue
    expect(
      lines
        .slice(startLine - 1, endLine)
        .join('\n')
        .trimEnd(),
    ).toBe(passage)
  }
  return extraction.passages
}

const titles = (passages: readonly Passage[]) => passages.map(({ title }) => title)

describe('SQL', () => {
  it('keeps a table with its comments and indexes, and takes COMMENT ON as provided', async () => {
    const passages = await read(
      'schema.sql',
      `-- Claims of policy holders
create table ins.claim (
  claim_id bigint primary key, -- by hand; see below
  status text not null default 'OP;EN'
);
create index on ins.claim (status);
COMMENT ON TABLE ins.claim IS 'A request for payment; not a payment''s row';
comment on column ins.claim."status" is $$open; settled$$;

create or replace view ins.open_claim as
select * from ins.claim where status = 'OP';
`,
    )
    expect(titles(passages)).toEqual(['CREATE TABLE ins.claim', 'CREATE VIEW ins.open_claim'])
    expect(passages[0]).toMatchObject({ startLine: 1, endLine: 8 })
    expect(passages[0]?.provided).toEqual([
      { table: 'ins.claim', column: null, text: "A request for payment; not a payment's row" },
      { table: 'ins.claim', column: 'status', text: 'open; settled' },
    ])
  })

  it('titles a model of dbt by its file and survives templates', async () => {
    const passages = await read(
      'models/marts/fct_orders.sql',
      `{{ config(materialized='table') }}
-- one row per order
with lines as (select * from {{ ref('stg_lines') }})
select order_id, sum(amount) as net_total from lines group by 1
`,
    )
    expect(titles(passages)).toEqual(['fct_orders'])
  })

  it('keeps functions with their bodies whole', async () => {
    const passages = await read(
      'f.sql',
      `create function net(a numeric) returns numeric language sql as $$
  select a; -- still inside
$$;
create trigger touch before update on shop.orders for each row execute function net();
insert into shop.orders values (1);`,
    )
    expect(titles(passages)).toEqual(['CREATE FUNCTION net', 'CREATE TRIGGER touch'])
  })
})

describe('dbt properties', () => {
  const yml = `version: 2
models:
  - name: fct_orders
    description: One row per order.
    columns:
      - name: order_id
        description: "{{ doc('order_id') }}"
        tests: [unique]
      - name: net_total
        description: >
          Sum of the lines
          without tax.
      - name: unknown
        description: "{{ doc('missing') }}"
  - name: dim_customer
sources:
  - name: erp
    schema: raw_erp
    tables:
      - name: kna1
        description: Customers of the ERP system.
`

  it('give a passage per model and source table, with what they provide', async () => {
    const passages = await read('schema.yml', yml, new Map([['order_id', 'Key of the order in the shop.']]))
    expect(titles(passages)).toEqual(['model fct_orders', 'model dim_customer', 'source raw_erp.kna1'])
    expect(passages[0]).toMatchObject({ startLine: 3, endLine: 14 })
    expect(passages[0]?.text).toContain('# order_id: Key of the order in the shop.')
    expect(passages[0]?.provided).toEqual([
      { table: 'fct_orders', column: null, text: 'One row per order.' },
      { table: 'fct_orders', column: 'order_id', text: 'Key of the order in the shop.' },
      { table: 'fct_orders', column: 'net_total', text: 'Sum of the lines without tax.' },
    ])
    expect(passages[1]?.provided).toBeUndefined()
    expect(passages[2]?.provided).toEqual([
      { table: 'raw_erp.kna1', column: null, text: 'Customers of the ERP system.' },
    ])
  })

  it('that are no properties, or broken, are read as text', async () => {
    expect(titles(await read('ci.yml', 'jobs:\n  test: {}\n'))).toEqual([null])
    expect(titles(await read('broken.yml', 'models: [\n'))).toEqual([null])
    expect(titles(await read('aliases.yml', 'a: &a [x]\nmodels: *a\n'))).toEqual([null])
  })
})

const method = (name: string) =>
  `    def ${name}(self):\n        ${'total = total + 1\n        '.repeat(40)}return total\n`

describe('Python', () => {
  it('gives functions and classes with the comments and decorators before them', async () => {
    const passages = await read(
      'load.py',
      `import os
from x import y

RATES = {"DE": 19}
LIMIT = 5
# Net of returns.
@task
def net_total(lines):
    """Sum of the lines."""
    return sum(lines)


class Order:
    """An order."""

    def total(self):
        return 1
`,
    )
    expect(titles(passages)).toEqual([null, 'net_total', 'Order'])
    expect(passages[0]?.text).toBe('RATES = {"DE": 19}\nLIMIT = 5')
    expect(passages[1]?.text).toMatch(/^# Net of returns\.\n@task\ndef net_total/)
  })

  it('cuts a long class at its methods', async () => {
    const text = `class Ledger:\n    """Book of entries."""\n    limit = 1\n\n${method('post')}\n${method('close')}`
    const passages = await read('ledger.py', text)
    expect(titles(passages)).toEqual(['Ledger', 'Ledger.post', 'Ledger.close'])
    expect(passages[0]?.text).toContain('Book of entries')
  })
})

describe('TypeScript', () => {
  it('gives exports, types and classes, and constants together', async () => {
    const passages = await read(
      'order.ts',
      `import { x } from './x'

export const limit = 5
const rates: Record<string, number> = { DE: 19 }

/** State of an order. */
export type OrderState =
${Array.from({ length: 30 }, (_, number) => `  | 'state number ${number}'`).join('\n')}

export interface Order { id: string }

/** Net of returns. */
export async function netTotal(lines: readonly number[]): Promise<number> {
  return lines.reduce((sum, line) => sum + line, 0)
}

export const handler = async (event: Event) => {
  await save(event)
}
`,
    )
    expect(titles(passages)).toEqual([null, 'OrderState', 'Order', 'netTotal', 'handler'])
    expect(passages[3]?.text).toMatch(/^\/\*\* Net of returns\. \*\//)
  })
})

describe('Java', () => {
  it('gives classes, cut at methods when they are long', async () => {
    const body = (name: string) =>
      `  /** Does ${name}. */\n  public int ${name}() {\n${'    total += 1;\n'.repeat(80)}    return total;\n  }\n`
    const text = `package x;\nimport y;\n\n/** Claims. */\npublic class Claim {\n  private int total;\n\n${body('reserve')}\n${body('settle')}}\n`
    const passages = await read('Claim.java', text)
    expect(titles(passages)).toEqual(['Claim', 'Claim.reserve', 'Claim.settle'])
    expect(passages[1]?.text).toMatch(/^\s*\/\*\* Does reserve/)
  })

  it('keeps a short enumeration whole', async () => {
    const passages = await read('State.java', 'package x;\n\n/** State. */\npublic enum State { OPEN, SETTLED }\n')
    expect(titles(passages)).toEqual(['State'])
  })
})

describe('other code', () => {
  it('is cut at lines, 4,000 characters at most', async () => {
    const passages = await read(
      'job.sh',
      Array.from({ length: 400 }, (_, number) => `echo step ${number} done`).join('\n'),
    )
    expect(passages.length).toBeGreaterThan(1)
    for (const { text } of passages) expect(text.length).toBeLessThanOrEqual(4_000)
  })

  it('is no other for an ending that every object knows', async () => {
    expect(titles(await read('a.constructor', 'echo done'))).toEqual([null])
  })

  it('that does not parse gives its text all the same', async () => {
    const passages = await read('broken.py', 'def f(:\n  return ((\nclass\n')
    expect(passages.map(({ text }) => text).join('\n')).toContain('return ((')
  })
})
