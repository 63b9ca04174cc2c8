import type { parser as pythonParser } from '@lezer/python'
import { createLineIndex, type Passage } from '../passage.ts'
import { type CodeSpan, cutSpans } from './cut-code.ts'

type Tree = ReturnType<typeof pythonParser.parse>
type SyntaxNode = Tree['topNode']

/** What a language calls the parts of its programs. */
interface Grammar {
  parse(text: string): Tree
  /** Nodes that are a symbol of their own. */
  readonly definitions: ReadonlySet<string>
  /** Nodes around a definition, such as decorators and exports. */
  readonly wrappers: ReadonlySet<string>
  readonly bodies: ReadonlySet<string>
  readonly members: ReadonlySet<string>
  readonly names: ReadonlySet<string>
  readonly comments: ReadonlySet<string>
  /** Nodes that say nothing: imports and the like. */
  readonly silent: ReadonlySet<string>
}

/** Characters up to which a class stays whole; longer ones are cut at their methods. */
const wholeClass = 2_000

const set = (words: string) => new Set(words.split(' '))

const grammars: Readonly<Record<'python' | 'typescript' | 'java', () => Promise<Grammar>>> = {
  python: async () => {
    const { parser } = await import('@lezer/python')
    return {
      parse: (text) => parser.parse(text),
      definitions: set('FunctionDefinition ClassDefinition'),
      wrappers: set('DecoratedStatement'),
      bodies: set('Body'),
      members: set('FunctionDefinition DecoratedStatement'),
      names: set('VariableName'),
      comments: set('Comment'),
      silent: set('ImportStatement'),
    }
  },
  typescript: async () => {
    const { parser } = await import('@lezer/javascript')
    const typed = parser.configure({ dialect: 'ts' })
    return {
      parse: (text) => typed.parse(text),
      definitions: set(
        'FunctionDeclaration ClassDeclaration InterfaceDeclaration TypeAliasDeclaration EnumDeclaration VariableDeclaration NamespaceDeclaration',
      ),
      wrappers: set('ExportDeclaration AmbientDeclaration'),
      bodies: set('ClassBody'),
      members: set('MethodDeclaration'),
      names: set('VariableDefinition TypeDefinition PropertyDefinition PrivatePropertyDefinition'),
      comments: set('LineComment BlockComment'),
      silent: set('ImportDeclaration'),
    }
  },
  java: async () => {
    const { parser } = await import('@lezer/java')
    return {
      parse: (text) => parser.parse(text),
      definitions: set(
        'ClassDeclaration InterfaceDeclaration EnumDeclaration RecordDeclaration AnnotationTypeDeclaration MethodDeclaration',
      ),
      wrappers: set(''),
      bodies: set('ClassBody InterfaceBody EnumBody'),
      members: set('MethodDeclaration ConstructorDeclaration ClassDeclaration InterfaceDeclaration EnumDeclaration'),
      names: set('Definition'),
      comments: set('LineComment BlockComment'),
      silent: set('ImportDeclaration PackageDeclaration'),
    }
  },
}

export type SymbolLanguage = keyof typeof grammars

/**
 * The passages of a program: a function or class each, with the comments and decorators before it; a long class by its methods,
 * titled `Class.method`; what stands between them together, without the imports.
 */
export async function readSymbols(text: string, language: SymbolLanguage): Promise<Passage[]> {
  const grammar = await grammars[language]()
  const tree = grammar.parse(text)
  const spans: CodeSpan[] = []
  let loose: { from: number; to: number; spoken: boolean } | null = null
  const end = (): void => {
    if (loose?.spoken === true) spans.push({ from: loose.from, to: loose.to, title: null })
    loose = null
  }
  let from = 0
  for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
    // A comment belongs to what follows it.
    if (grammar.comments.has(node.name)) continue
    const definition = definitionOf(node, grammar)
    if (definition === null || isPlainConstant(definition, text)) {
      const spoken = !grammar.silent.has(node.name)
      if (loose === null) loose = { from: spoken ? from : node.from, to: node.to, spoken }
      else loose = { from: loose.spoken || !spoken ? loose.from : from, to: node.to, spoken: loose.spoken || spoken }
    } else {
      end()
      spans.push(...spansOf(definition, { from, to: node.to }, text, grammar))
    }
    from = node.to
  }
  end()
  if (text.slice(from).trim() !== '') spans.push({ from, to: text.length, title: null })
  return cutSpans(text, joinLoose(text, spans))
}

function definitionOf(node: SyntaxNode, grammar: Grammar): SyntaxNode | null {
  if (grammar.definitions.has(node.name)) return node
  if (!grammar.wrappers.has(node.name)) return null
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    const found = definitionOf(child, grammar)
    if (found !== null) return found
  }
  return null
}

/** A constant of a line or two says more with its neighbours than alone. */
function isPlainConstant(node: SyntaxNode, text: string): boolean {
  if (!['VariableDeclaration', 'TypeAliasDeclaration'].includes(node.name)) return false
  return node.to - node.from < 300 && !/=>|\bfunction\b/.test(text.slice(node.from, node.to))
}

function nameOf(node: SyntaxNode, text: string, grammar: Grammar): string {
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (grammar.names.has(child.name)) return text.slice(child.from, child.to)
  }
  return ''
}

function spansOf(
  node: SyntaxNode,
  around: { readonly from: number; readonly to: number },
  text: string,
  grammar: Grammar,
): CodeSpan[] {
  const title = nameOf(node, text, grammar) || null
  let body: SyntaxNode | null = null
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (grammar.bodies.has(child.name)) body = child
  const isShort = around.to - around.from <= wholeClass
  if (isShort || body === null || /^(?:Function|Method)/.test(node.name)) return [{ ...around, title }]

  // The head with its fields and texts first, then each method with the comments before it.
  const spans: CodeSpan[] = []
  let headFrom = around.from
  let from = body.from
  for (let child = body.firstChild; child !== null; child = child.nextSibling) {
    if (grammar.comments.has(child.name)) continue
    if (grammar.members.has(child.name)) {
      if (headFrom >= 0) spans.push({ from: headFrom, to: from, title })
      const member = definitionOf(child, grammar) ?? child
      const name = nameOf(member, text, grammar)
      spans.push({ from, to: child.to, title: name === '' ? title : `${title ?? ''}.${name}` })
      headFrom = -1
    } else if (headFrom < 0) headFrom = from
    from = child.to
  }
  if (headFrom >= 0 && headFrom < around.to) spans.push({ from: headFrom, to: around.to, title })
  return spans.filter((span) => /\w/.test(text.slice(span.from, span.to)))
}

/** Loose pieces that are a comment or a line go with their neighbour. */
function joinLoose(text: string, spans: readonly CodeSpan[]): CodeSpan[] {
  const lineAt = createLineIndex(text)
  const joined: CodeSpan[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    const isSmall = span.title === null && lineAt(span.to) - lineAt(span.from) < 2
    if (isSmall && last !== undefined && last.to <= span.from) joined[joined.length - 1] = { ...last, to: span.to }
    else joined.push(span)
  }
  return joined
}
