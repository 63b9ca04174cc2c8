/** What the keys do, for the help of the screen; docs/review-in-the-terminal.md says the same. */
export const keyTable: readonly {
  readonly title: string
  readonly keys: readonly (readonly [key: string, does: string])[]
}[] = [
  {
    title: 'Decide',
    keys: [
      ['1-5', 'accept that alternative; on the head of a group, of every undecided row in it'],
      ['o', 'write a text of your own'],
      ['e', 'edit the text of the alternative'],
      ['s', 'skip: decide later'],
      ['r', 'reject for good'],
      ['x', 'take back what was decided about the row'],
      ['a', 'accept the first alternative of all rows listed that are undecided'],
      ['h', 'the same for those of high confidence'],
      ['u, Ctrl-R', 'undo, and do again'],
    ],
  },
  {
    title: 'Move',
    keys: [
      ['arrows, j, k', 'up and down; left and right close and open groups and change the pane'],
      ['PgUp, PgDn, Space', 'a page'],
      ['Home, End', 'first and last'],
      ['n, b', 'next undecided row, row before'],
      ['Tab', 'change between list and detail'],
    ],
  },
  {
    title: 'See',
    keys: [
      ['f, /', 'filter: words, /pattern/ of the path, band: state: kind: table: is:undecided; Esc ends it'],
      ['g, c', 'group by table, schema or not; close and open all groups'],
      ['S', 'sort by the next of path, confidence, name, unreviewed, length, alternatives'],
      ['d', 'show the texts as changes of the comment that is there'],
      ['v', 'versions of the row'],
    ],
  },
  {
    title: 'While writing',
    keys: [
      ['Enter', 'accept the text'],
      ['Alt-Enter, Ctrl-J', 'a new line'],
      ['Ctrl-E', 'go on in $VISUAL or $EDITOR'],
      ['Esc', 'leave it'],
    ],
  },
  {
    title: 'Finish',
    keys: [
      ['q', 'show what was decided, and ask'],
      ['Ctrl-C', 'the same; nothing is lost'],
      ['Ctrl-Z', 'back to the shell; fg comes back'],
    ],
  },
]
