/** A command line with what it does, as help and reference show it. */
export interface Example {
  readonly line: string
  readonly does: string
}

const examples: Readonly<Record<string, readonly Example[]>> = {
  run: [
    { line: 'run sales --database prod-pg --llm openai --watch', does: 'draft a schema and follow it' },
    {
      line: 'run --database prod-pg --llm openai --missing-only --review auto --dry-run=client -o yaml > run.yaml',
      does: 'a manifest for Git',
    },
  ],
  'catalog list': [
    { line: 'catalog list sales -d prod-pg --missing-only', does: 'what of a schema is not described yet' },
    { line: 'catalog list -o csv > catalog.csv', does: 'every database of the namespace, for a spreadsheet' },
  ],
  'catalog refresh': [{ line: 'catalog refresh sales -d prod-pg --watch', does: 'read a schema again' }],
  'schedule add': [
    {
      line: "schedule add sales --name nightly --cron '0 6 * * 1-5' --tz Europe/Istanbul -d prod-pg -l openai",
      does: 'a schema, on the mornings of working days',
    },
    {
      line: 'schedule add --name new-tables --on-change Added --missing-only -d prod-pg -l openai --dry-run=client -o yaml',
      does: 'a manifest for Git: whatever is new and has no comment',
    },
  ],
  'catalog show': [{ line: 'catalog show sales.customer -d prod-pg', does: 'a table with its columns' }],
  'schedule show': [{ line: 'schedule show nightly', does: 'its next five times and what its runs do' }],
  'schedule pause': [{ line: 'schedule pause nightly', does: 'nothing fires until it is resumed' }],
  'schedule resume': [{ line: 'schedule resume nightly', does: 'from its next time on' }],
  'schedule rm': [{ line: 'schedule rm nightly -y', does: 'its runs stay' }],
  'schedule run-now': [{ line: 'schedule run-now nightly', does: 'one run more, at once' }],
  'schedule dismiss': [{ line: 'schedule dismiss nightly', does: 'what was missed is not caught up' }],
  'schedule status': [{ line: 'schedule status', does: 'whether anything fires schedules here' }],
  'schedule list': [{ line: 'schedule list --all', does: 'those that are over as well' }],
  'schedule edit': [
    { line: "schedule edit nightly --cron '30 5 * * *'", does: 'another time; the rest stays' },
    {
      line: 'schedule edit nightly sales.customer --missing-only',
      does: 'other assets, and only those without a comment',
    },
  ],
  watch: [{ line: 'watch', does: 'follow the newest run' }],
  logs: [
    { line: 'logs nightly -f', does: 'follow the pods of a run' },
    { line: 'logs nightly --stage draft --level warn --since 1h', does: 'what went wrong lately' },
  ],
  doctor: [
    { line: 'doctor', does: 'what works, what does not, and what to do' },
    { line: 'doctor --test', does: 'try every database and model of the namespace first' },
    { line: 'doctor -o jsonpath=\'{.checks[?(@.state=="Fail")].says}\'', does: 'only what is broken, for a script' },
  ],
  report: [
    { line: 'report', does: 'a folder to attach to a question, without secrets' },
    { line: 'report --file bundle && tar czf bundle.tgz bundle', does: 'the same as one file' },
  ],
  studio: [
    { line: 'studio', does: 'open a browser, signed in' },
    { line: 'studio --no-open --port 8088', does: 'print the address, for a browser you open yourself' },
  ],
  get: [
    { line: 'get', does: 'the runs of the namespace' },
    {
      line: 'get nightly --results --state Unreviewed --sort confidence --order ascending',
      does: 'the drafts to look at first',
    },
    { line: 'get nightly --facets --band Low', does: 'how many weak drafts there are of each state, kind and table' },
    { line: 'get nightly --group-by name', does: 'columns of the same name and type, to decide together' },
    { line: "get -o jsonpath='{.items[*].metadata.name}'", does: 'their names, for a script' },
    { line: 'get nightly --results -o csv > results.csv', does: 'a file for a spreadsheet' },
  ],
  review: [
    { line: 'review nightly', does: 'decide on a screen of its own' },
    { line: 'review nightly --only-low --sort confidence', does: 'what is doubtful, the most certain first' },
    { line: "review nightly --strategy accept-high --filter '^sales\\.'", does: 'the rest of a schema, one by one' },
  ],
  accept: [
    { line: 'accept nightly --high', does: 'every draft of the band High' },
    { line: 'accept nightly --high --dry-run=client -o yaml > decision.yaml', does: 'the decision as a file for Git' },
    { line: 'accept nightly sales.customer.email --text "Where to write to."', does: 'one asset, in your own words' },
    {
      line: 'accept nightly --column-name created_at --column-type timestamptz --text "When the row was made."',
      does: 'one text for all columns of a name and type',
    },
    {
      line: 'accept nightly --high --with-texts --dry-run client -o yaml > decision.yaml',
      does: 'a file for Git, with every text to read and edit',
    },
  ],
  skip: [{ line: 'skip nightly sales.customer', does: 'leave one asset for later' }],
  reject: [{ line: 'reject nightly sales.customer', does: 'leave one asset for good' }],
  restore: [{ line: 'restore nightly --all', does: 'take back every decision about a run' }],
  'pending list': [
    { line: 'pending --run nightly -o wide', does: 'what of a run waits to be written, with its texts whole' },
  ],
  'pending edit': [
    { line: 'pending edit sales.customer.email --text "Where to write to."', does: 'other words for one asset' },
  ],
  'pending drop': [
    { line: 'pending drop sales.customer.email', does: 'one text; its row can be decided again' },
    { line: 'pending drop --all --run nightly --yes', does: 'everything of a run' },
  ],
  apply: [
    { line: 'apply', does: 'write everything that is queued, after a question' },
    { line: 'apply sales -d prod-pg --dry-run', does: 'show the statements of a schema' },
    { line: 'apply nightly --compare', does: 'compare with the comments that are there now' },
    { line: 'apply nightly --yes --watch', does: 'write what was accepted of a run, and follow it' },
  ],
  rollback: [
    { line: 'rollback nightly --dry-run', does: 'show what would be put back' },
    { line: 'rollback nightly sales.customer.email --yes --watch', does: 'put one comment back' },
  ],
  cancel: [{ line: 'cancel nightly', does: 'stop for good' }],
  suspend: [{ line: 'suspend nightly', does: 'stop for now' }],
  resume: [{ line: 'resume nightly', does: 'go on' }],
  export: [
    { line: 'export nightly --format dbt -f models/schema.yml', does: 'put accepted texts into a dbt file' },
    { line: 'export nightly --format sql > comments.sql', does: 'a script for psql' },
    {
      line: 'export sales --state applied --format dbt -f models/schema.yml',
      does: 'what is in the database of a schema, whichever run wrote it',
    },
    { line: 'export nightly --format md --state all', does: 'a data dictionary, with drafts not decided yet' },
  ],
  check: [
    { line: 'check nightly --minimum 80% --max-low 0', does: 'a gate for CI' },
    {
      line: "check --database prod-pg --within sales -o jsonpath='{.coverage.commented}'",
      does: 'one figure about a schema',
    },
  ],
  inspect: [
    { line: 'inspect --database prod-pg', does: 'coverage per schema and table' },
    { line: 'inspect sales.customer', does: 'one table, as the newest run found it' },
    { line: 'inspect nightly --by table -o csv', does: 'the same of one run, as a file' },
  ],
  rerun: [
    { line: 'rerun nightly sales.customer.email --instructions "Say that it is verified"', does: 'one draft again' },
    { line: 'rerun nightly --filter maximumConfidence=Low --filter states=Unreviewed --watch', does: 'what is weak' },
  ],
  variations: [{ line: 'variations nightly sales.customer.email 2', does: 'more wordings of the second alternative' }],
  generate: [
    { line: 'generate sales.customer.email -d prod-pg -l openai --watch', does: 'one column, at once' },
    { line: 'generate sales -d prod-pg -l openai', does: 'the description of a schema alone' },
  ],
  describe: [
    { line: 'describe sales.customer.note -d prod-pg --text "Free-text remark of the clerk."', does: 'one asset' },
    { line: 'describe -d prod-pg -f texts.csv --apply', does: 'many at once, accepted by you and written' },
    { line: 'describe -d prod-pg -f texts.yaml --dry-run client -o yaml > texts-run.yaml', does: 'a manifest for Git' },
  ],
  versions: [{ line: 'versions nightly sales.customer.email', does: 'v1, v2, … and which of them is accepted' }],
  history: [
    { line: 'history --search sales --phase Failed,Cancelled --since 7d', does: 'what went wrong in a week' },
    { line: 'history --sort cost --limit 10 -o md', does: 'the dearest runs, for a document' },
    { line: 'history sales.customer', does: 'every comment written to a table and its columns' },
  ],
  'history list': [{ line: 'history list --type Analyze --origin schedule', does: 'what schedules ran' }],
  'history show': [
    { line: 'history show nightly', does: 'scope, cost then and now, who decided what, what was written' },
    { line: 'history show nightly@3f0c -o yaml', does: 'an older run of the name, whole' },
  ],
  'history results': [{ line: 'history results nightly -o csv', does: 'the drafts of a run that was deleted' }],
  'history events': [{ line: 'history events nightly', does: 'what happened, line by line' }],
  'history stats': [{ line: 'history stats --window 4w --by week', does: 'acceptance, edits and cost, week by week' }],
  'history asset': [{ line: 'history asset sales.customer.email', does: 'what was written to a column, and by whom' }],
  compare: [
    { line: 'compare nightly careful', does: 'two runs: figures with the better of each' },
    { line: 'compare nightly careful --diff --table sales.customer', does: 'their texts, word by word' },
    { line: 'compare --last 3 --by schema -o md', does: 'the last three runs per schema, for a document' },
  ],
  audit: [
    { line: 'audit nightly -o csv > audit.csv', does: 'what a run wrote, before and after' },
    { line: 'audit --since 7d --asset sales', does: 'what was written to a schema in a week' },
    { line: 'audit --outcome Failed', does: 'what could not be written, and why' },
  ],
  usage: [
    { line: 'usage --window 7d', does: 'tokens and cost of a week by model' },
    { line: 'usage --by day -o csv', does: 'a month, day by day' },
    { line: 'usage --by run --live', does: 'what the same calls would cost by the prices of now' },
  ],
  prices: [
    { line: 'prices --model gpt-5', does: 'the rates of some models, with their age and source' },
    { line: 'prices -o json', does: 'the whole table, also batch rates and tiers' },
  ],
  estimate: [
    { line: 'estimate sales --database prod-pg --llm openai', does: 'what drafting a schema would take' },
    {
      line: 'estimate --database prod-pg --llm openai --tables 47 --columns 1283 --set generation.verbosity=Detailed',
      does: 'the same for a database that no run has read yet',
    },
  ],
  completion: [
    { line: 'completion bash > ~/.local/share/bash-completion/completions/kubectl-amx', does: 'for bash' },
    { line: 'completion zsh > ~/.zfunc/_kubectl-amx', does: 'for zsh, with ~/.zfunc in fpath' },
    { line: 'completion fish > ~/.config/fish/completions/kubectl-amx.fish', does: 'for fish' },
  ],
  version: [{ line: 'version --client', does: 'without asking the server' }],
}

/** Examples of a command; none for a name that is no command. */
export function examplesOf(command: string): readonly Example[] {
  return examples[command] ?? []
}

/** Examples as they end the help of a command. */
export function examplesHelp(command: string): string {
  const lines = examplesOf(command).map(({ line, does }) => `  # ${does}\n  kubectl amx ${line}`)
  return lines.length === 0 ? '' : `\nExamples:\n${lines.join('\n')}`
}
