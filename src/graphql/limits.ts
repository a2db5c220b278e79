import { GraphQLError, Lexer, Source, type Token, TokenKind } from 'graphql'
import { charactersAtMost } from '../compiled/text-budget.ts'
import { queryTooComplex, queryTooDear, tooManyChanges } from '../errors.ts'
import { type Cost, costOf, type Executable } from './cost.ts'
import { sizeOfOperation } from './operation-size.ts'

/** Far beyond what a screen asks for, and well within what parsing, planning and executing can take. */
export const queryLimits = {
  /** Words, numbers, texts and punctuation. */
  tokens: 10_000,
  /** Letters of a name: an alias is in each row of the answer. */
  letters: 200,
  /** Brackets in brackets: the parser goes down some calls for each. */
  brackets: 100,
  /** Fields in fields, fragments written out. Introspection has a rule of graphql-js' own. */
  levels: 12,
  /** Lists in lists: the rows of the one multiply those of the other. */
  lists: 4,
  /** Fields, fragments written out: fragments that spread others twice each double them. */
  fields: 1_000,
  /** Root fields of a mutation, each of which is a transaction: the others of its viewer wait for all of them. */
  changes: 40,
  /** What answering may cost, as `costOf` estimates it. */
  points: 50_000,
  /** Characters of all texts in an answer, which aliases of a long text multiply. */
  characters: charactersAtMost,
}

/**
 * Refuses a query that is too large to be parsed. Looks at its tokens one by one, without going down anywhere.
 *
 * @throws QUERY_TOO_COMPLEX. What isn't GraphQL is left to the parser
 */
export function requireParsable(query: string): void {
  const lexer = new Lexer(new Source(query))
  let [tokens, open] = [0, 0]
  for (let { kind, value } = next(lexer); kind !== TokenKind.EOF; { kind, value } = next(lexer)) {
    if (kind === TokenKind.NAME && value.length > queryLimits.letters)
      throw queryTooComplex(`has a name of more than ${queryLimits.letters} letters`)
    if (opening.has(kind)) open += 1
    if (closing.has(kind)) open -= 1
    tokens += 1
    if (tokens > queryLimits.tokens) throw queryTooComplex(`has more than ${queryLimits.tokens} tokens`)
    if (open > queryLimits.brackets)
      throw queryTooComplex(`nests brackets more than ${queryLimits.brackets} deep`)
  }
}

const opening: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/** What can't be read ends it: the parser says so at the same place. */
function next(lexer: Lexer): Pick<Token, 'kind' | 'value'> {
  try {
    return lexer.advance()
  } catch (error) {
    if (error instanceof GraphQLError) return { kind: TokenKind.EOF, value: '' }
    throw error
  }
}

/**
 * Refuses an operation that is too large, or too dear, to be executed.
 *
 * @param document valid, so that no fragment spreads itself
 * @param variables as the client sent them
 * @returns what answering it costs
 * @throws QUERY_TOO_COMPLEX
 */
export function requireExecutable({ schema, document, operation, variables }: Executable): Cost {
  const { levels, lists, fields } = sizeOfOperation(schema, document, operation)
  if (levels > queryLimits.levels)
    throw queryTooComplex(`has more than ${queryLimits.levels} levels of fields`)
  if (lists > queryLimits.lists) throw queryTooComplex(`nests lists more than ${queryLimits.lists} deep`)
  if (fields > queryLimits.fields) throw queryTooComplex(`has more than ${queryLimits.fields} fields`)
  const cost = costOf({ schema, document, operation, variables })
  if (operation.operation === 'mutation' && cost.roots > queryLimits.changes) {
    throw tooManyChanges(cost.roots, queryLimits.changes)
  }
  if (cost.points > queryLimits.points) {
    throw queryTooDear({ ...cost, parts: cost.parts.slice(0, 5) }, queryLimits.points)
  }
  return cost
}
