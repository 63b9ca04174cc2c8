import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { resultRow } from '../../results/result-row-fixture.ts'
import { mergeDbtSchema } from './dbt-schema.ts'
import { type Described, describedRows } from './described-rows.ts'

function text(path: string, words: string, kind: Described['kind'] = 'Column'): Described {
  const [described] = describedRows([resultRow(path, { kind, chosenText: words, state: 'Accepted' })])
  if (described === undefined) throw new Error('no text')
  return described
}

const email = text('sales.customer.email', 'Where to write.')
const customer = text('sales.customer', 'Who buys.', 'Table')

function merged(file: string, described: readonly Described[], options = { replace: false }) {
  return mergeDbtSchema(file, described, options)
}

describe('a file that is', () => {
  const cases: {
    name: string
    file: string
    described?: readonly Described[]
    replace?: boolean
    expected: string
    kept?: readonly string[]
  }[] = [
    {
      name: 'full of comments and blank lines keeps them, and its order',
      file: `# Owned by the sales team.
version: 2

models:
  # Keep in step with the CRM.
  - name: customer # the big one

    columns:
      - name: id
        tests: [unique, not_null]   # always

      # personal data
      - name: email
        meta: {pii: true}

  - name: aardvark
    zeta: 1
    alpha: 2
# the end
`,
      described: [customer, email],
      expected: `# Owned by the sales team.
version: 2

models:
  # Keep in step with the CRM.
  - name: customer # the big one
    description: Who buys.

    columns:
      - name: id
        tests: [unique, not_null]   # always

      # personal data
      - name: email
        description: Where to write.
        meta: {pii: true}

  - name: aardvark
    zeta: 1
    alpha: 2
# the end
`,
    },
    {
      name: 'with tabs before its comments, quoted keys and versions of a model keeps them',
      file: `"models":
  - "name": 'customer'\t# tab\there
    'columns':\t# cols
      - 'name': "id"
    versions:
      - v: 1
        columns:
          - include: all
            exclude: [id]
`,
      expected: `"models":
  - "name": 'customer'\t# tab\there
    'columns':\t# cols
      - 'name': "id"
      - name: email
        description: Where to write.
    versions:
      - v: 1
        columns:
          - include: all
            exclude: [id]
`,
    },
    {
      name: 'without any indentation of its lists stays so',
      file: `models:
- name: customer
  columns:
  - name: email
`,
      expected: `models:
- name: customer
  columns:
  - name: email
    description: Where to write.
`,
    },
    {
      name: 'indented by four stays so',
      file: `models:
    - name: customer
      columns:
          - name: email
`,
      expected: `models:
    - name: customer
      columns:
          - name: email
            description: Where to write.
`,
    },
    {
      name: 'sharing columns by an anchor is not changed in the other place',
      file: `models:
  - name: customer
    columns: &contact
      - name: email
  - name: supplier
    columns: *contact
`,
      expected: `models:
  - name: customer
    columns: &contact
      - name: email
  - name: supplier
    columns: *contact
`,
      kept: ['sales.customer.email: it is shared by an anchor'],
    },
    {
      name: 'using an anchored column keeps it and describes the others',
      file: `x-email: &email {name: email, description: ''}
models:
  - name: customer
    columns:
      - *email
      - name: phone
`,
      described: [email, text('sales.customer.phone', 'To call.')],
      expected: `x-email: &email {name: email, description: ''}
models:
  - name: customer
    columns:
      - *email
      - name: phone
        description: To call.
`,
      kept: ['sales.customer.email: it is shared by an anchor'],
    },
    {
      name: 'bringing defaults by a merge key describes the map itself',
      file: `x-defaults: &defaults
  meta: {owner: sales}
models:
  - <<: *defaults
    name: customer
    columns:
      - name: email
`,
      described: [customer, email],
      expected: `x-defaults: &defaults
  meta: {owner: sales}
models:
  - <<: *defaults
    name: customer
    description: Who buys.
    columns:
      - name: email
        description: Where to write.
`,
    },
    {
      name: 'taking its description from a merge key is described already',
      file: `x-d: &d
  description: By default.
models:
  - name: customer
    <<: *d
`,
      described: [customer],
      expected: `x-d: &d
  description: By default.
models:
  - name: customer
    <<: *d
`,
      kept: ['sales.customer: it has a description'],
    },
    {
      name: 'written in flow style stays in flow style',
      file: `{version: 2, models: [{name: customer, columns: [{name: email}]}]}
`,
      described: [email, text('sales.customer.phone', 'To call.')],
      expected: `{version: 2, models: [{name: customer, columns: [{name: email, description: Where to write.}, {name: phone, description: To call.}]}]}
`,
    },
    {
      name: 'describing with templates is never overruled',
      file: `models:
  - name: customer
    description: '{{ doc("customer") }}'
    columns:
      - name: email
        description: "By hand."
`,
      described: [customer, email],
      replace: true,
      expected: `models:
  - name: customer
    description: '{{ doc("customer") }}'
    columns:
      - name: email
        description: Where to write.
`,
      kept: ['sales.customer: its description is a template'],
    },
    {
      name: 'leaving a description empty gets it filled',
      file: `models:
  - name: customer
    description:
    columns:
      - name: email
        description: ""
`,
      described: [customer, email],
      expected: `models:
  - name: customer
    description: Who buys.
    columns:
      - name: email
        description: Where to write.
`,
    },
    {
      name: 'about sources is matched by schema and identifier',
      file: `sources:
  - name: crm
    schema: sales
    tables:
      - name: people
        identifier: customer
`,
      described: [customer],
      expected: `sources:
  - name: crm
    schema: sales
    tables:
      - name: people
        description: Who buys.
        identifier: customer
`,
    },
    {
      name: 'about another schema of the same table is left',
      file: `models:
  - name: customer
    config: {schema: archive}
`,
      described: [customer],
      expected: `models:
  - name: customer
    config: {schema: archive}
sources:
  - name: sales
    tables:
      - name: customer
        description: Who buys.
`,
    },
    {
      name: 'written on Windows keeps its line breaks',
      file: 'models:\r\n  - name: customer # x\r\n',
      described: [customer],
      expected: 'models:\r\n  - name: customer # x\r\n    description: Who buys.\r\n',
    },
    {
      name: 'in need of nothing is left to the last blank',
      file: 'models:\n  -   name:   customer\n      description:    Who buys.   \n\n\n\n',
      described: [customer],
      expected: 'models:\n  -   name:   customer\n      description:    Who buys.   \n\n\n\n',
    },
    {
      name: 'folding its texts keeps every line of them',
      file: `models:
  - name: supplier
    description: >
      Who sells
      to us.

    columns:
      - name: "id"
        description: |
          The key.

  - name: customer
    description: >-
      Old
      words.
    columns:
      - name: id
        description: |
          Key
            of it.
      # more to come
`,
      described: [customer, email],
      replace: true,
      expected: `models:
  - name: supplier
    description: >
      Who sells
      to us.

    columns:
      - name: "id"
        description: |
          The key.

  - name: customer
    description: Who buys.
    columns:
      - name: id
        description: |
          Key
            of it.
      - name: email
        description: Where to write.
      # more to come
`,
    },
    {
      name: 'with several things to add gets each at its place',
      file: `version: 2
models:
  - name: customer
    columns:
      - name: id
sources:
  - name: hr
    tables:
      - name: person
`,
      described: [
        customer,
        email,
        text('hr.person.id', 'Key.'),
        text('hr.pay', 'Wages.', 'Table'),
        text('x.y', 'Y.', 'Table'),
      ],
      expected: `version: 2
models:
  - name: customer
    description: Who buys.
    columns:
      - name: id
      - name: email
        description: Where to write.
sources:
  - name: hr
    tables:
      - name: person
        columns:
          - name: id
            description: Key.
      - name: pay
        description: Wages.
  - name: x
    tables:
      - name: "y"
        description: Y.
`,
    },
    {
      name: 'without a line break at its end, begun by a byte-order mark',
      file: '\uFEFFmodels:\n  - name: customer',
      described: [customer],
      expected: '\uFEFFmodels:\n  - name: customer\n    description: Who buys.\n',
    },
    {
      name: 'announcing lists that are empty gets them filled',
      file: 'models:\n  - name: customer\n    columns: # none yet\n    tests: []\nsources: []\n',
      described: [email, text('hr', 'People.', 'Schema')],
      expected: `models:
  - name: customer
    columns: # none yet
      - name: email
        description: Where to write.
    tests: []
sources: [{name: hr, description: People.}]
`,
    },
    {
      name: 'ended by a marker is added to before it',
      file: '---\nversion: 2 # two\n...\n',
      described: [customer],
      expected: `---
version: 2 # two
sources:
  - name: sales
    tables:
      - name: customer
        description: Who buys.
...
`,
    },
    {
      name: 'saying null where a list belongs gets the list',
      file: 'sources:\n  - name: sales\n    tables: null # to do\n',
      described: [customer],
      expected: `sources:
  - name: sales
    tables: # to do
      - name: customer
        description: Who buys.
`,
    },
    {
      name: 'about schemas of a target, and schemas by a template, is matched as dbt means it',
      file: `models:
  - name: orders
    config: {schema: crm}
sources:
  - name: sales
    schema: "{{ var('sales') }}"
    tables:
      - name: customer
`,
      described: [customer, text('prod_crm.orders', 'Orders.', 'Table')],
      expected: `models:
  - name: orders
    description: Orders.
    config: {schema: crm}
sources:
  - name: sales
    schema: "{{ var('sales') }}"
    tables:
      - name: customer
        description: Who buys.
`,
    },
    {
      name: 'unclear about which of two tables a model is, is left',
      file: 'models:\n  - name: customer\n',
      described: [customer, text('archive.customer', 'Who bought.', 'Table')],
      expected: 'models:\n  - name: customer\n',
      kept: ['sales.customer', 'archive.customer'].map(
        (name) => `${name}: a model of this name does not say which schema it is of, and there are several`,
      ),
    },
    {
      name: 'referring to a whole model twice names it once among what is kept',
      file: 'models:\n  - &c\n    name: customer\n  - *c\n',
      described: [customer],
      expected: 'models:\n  - &c\n    name: customer\n  - *c\n',
      kept: ['sales.customer: it is shared by an anchor'],
    },
    {
      name: 'naming tables by numbers is matched',
      file: 'models:\n  - name: 2024\n',
      described: [text('sales.2024', 'A year.', 'Table')],
      expected: 'models:\n  - name: 2024\n    description: A year.\n',
    },
  ]

  test.each(cases)('$name', ({ file, described = [email], replace = false, expected, kept = [] }) => {
    const merge = merged(file, described, { replace })
    expect(merge.text).toBe(expected)
    expect(merge.kept).toEqual(kept)
    expect(merged(merge.text, described, { replace })).toMatchObject({ text: merge.text, written: 0 })
  })
})

test('a file that is not there is made, with a source per schema', () => {
  const described = [text('sales', 'What is sold.', 'Schema'), customer, email, text('hr.person', 'Staff.', 'View')]
  const { text: made, written } = mergeDbtSchema(null, described, { replace: false })
  expect(written).toBe(4)
  expect(parse(made)).toEqual({
    version: 2,
    sources: [
      {
        name: 'sales',
        description: 'What is sold.',
        tables: [
          { name: 'customer', description: 'Who buys.', columns: [{ name: 'email', description: 'Where to write.' }] },
        ],
      },
      { name: 'hr', tables: [{ name: 'person', description: 'Staff.' }] },
    ],
  })
})

test.each([
  ['a colon: and # no comment'],
  ['- a list?'],
  ['two\nlines'],
  ['yes'],
  ['  blanks  '],
  ['"quoted" and \'quoted\' \\ back'],
  ['2026-11-21'],
  ['&anchor *alias !tag'],
  ['漢字 and 🐘'],
  [`${'long '.repeat(80)}end`],
])('%j comes out of YAML as it went in', (words) => {
  const { text: made } = merged('models:\n  - name: customer\n', [text('sales.customer', words, 'Table')])
  expect(parse(made).models[0].description).toBe(words)
  // dbt reads YAML 1.1, where more words are something else than text.
  expect(parse(made, { version: '1.1' }).models[0].description).toBe(words)
})

test.each([
  ['a\tb', '"a\\tb"'],
  ['a\u2028b', '"a\\u2028b"'],
  ['\u0085', '"\\u0085"'],
  ['\u007f', '"\\u007f"'],
  ['=', '"="'],
  ['<<', '"<<"'],
])('%j, which PyYAML would read otherwise or refuse where it stands bare, is written as %s', (words, expected) => {
  for (const file of ['models:\n  - name: customer\n', 'models: [{name: customer}]\n']) {
    expect(merged(file, [text('sales.customer', words, 'Table')]).text).toContain(`description: ${expected}`)
  }
})

test('a layout that is not known is refused, and never written wrongly', () => {
  expect(() => merged('models:\n  - ? name\n    : customer\n    columns: []\n', [customer])).toThrowError(
    'laid out in a way this merge does not know',
  )
})

test('what dbt would take for a template is written so that it is none', () => {
  const { text: made } = merged('models:\n  - name: customer\n', [text('sales.customer', 'Has {{ x }}.', 'Table')])
  expect(parse(made).models[0].description).toBe("Has {{ '{{' }} x }}.")
})

test.each([
  ['models: [', 'is not YAML'],
  ['a: 1\n---\nb: 2\n', 'one YAML document'],
  ['- a\n', 'no properties file'],
])('%j is refused', (file, problem) => {
  expect(() => merged(file, [customer])).toThrowError(problem)
})
