import {
  type ArgumentNode,
  type ASTNode,
  createSourceEventStream,
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  validate,
  visit,
} from 'graphql'
import type { Logger } from 'pino'
import type { Viewer } from '../access/viewer.ts'
import type { Context } from '../context.ts'
import { beginWork, newWork } from '../database/work.ts'
import { shareKey } from '../live/streams.ts'
import { remembering } from '../remembering.ts'
import { translateError } from './error-translation.ts'
import { requireExecutable, requireParsable } from './limits.ts'

/** A subscription as a client asks for it. */
export interface SubscriptionRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | null
}

/** The same, understood and admitted. */
export interface Subscription extends SubscriptionRequest {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  /** Whether answers depend on a variable; on one that only says where to begin, they don't. */
  readonly isOfAnswers: (variable: string) => boolean
  /** What beginning it costs, in points. */
  readonly cost: number
}

/** One answer of a subscription, the same object for all who are given it. */
export interface LiveResult {
  /** The cursor behind which the next one comes; null: this is the last one. */
  readonly cursor: string | null
  /** The answer as JSON. */
  readonly text: string
}

/** How long the documents that are remembered may be together; parsed, they take about a hundred bytes a character. */
const charactersKept = 100_000

/**
 * Understands subscriptions. It remembers the documents that it found valid: thousands who come back at once ask by the
 * same ones.
 *
 * @returns what throws GraphQLError if a document isn't valid or no subscription, QUERY_TOO_COMPLEX if it is too large or
 *   too dear
 */
export function createPreparer(schema: GraphQLSchema): (request: SubscriptionRequest) => Subscription {
  const documentOf = remembering(
    charactersKept,
    (query) => {
      const document = validDocument(schema, query)
      const names = variablesOfAnswers(document)
      return { document, isOfAnswers: (name: string) => names.has(name) }
    },
    (query) => query.length,
  )
  return (request) => prepare(schema, documentOf(request.query), request)
}

function prepare(
  schema: GraphQLSchema,
  { document, isOfAnswers }: Pick<Subscription, 'document' | 'isOfAnswers'>,
  request: SubscriptionRequest,
): Subscription {
  const operation = getOperationAST(document, request.operationName)
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
    throw new GraphQLError('Only subscriptions are followed; send queries and mutations by HTTP.', {
      extensions: { code: 'BAD_REQUEST' },
    })
  }
  const cost = requireExecutable({ schema, document, operation, variables: request.variables }).points
  return { ...request, schema, document, isOfAnswers, cost }
}

/** The names of all variables but those that stand only in the argument of a subscription that says where it begins. */
function variablesOfAnswers(document: DocumentNode): ReadonlySet<string> {
  const beginnings = new Set<ASTNode>(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? beginningsOf(definition) : [],
    ),
  )
  const names = new Set<string>()
  visit(document, {
    VariableDefinition: () => false,
    Argument: (argument) => (beginnings.has(argument) ? false : undefined),
    Variable: ({ name }) => void names.add(name.value),
  })
  return names
}

function beginningsOf({ selectionSet }: OperationDefinitionNode): ArgumentNode[] {
  return selectionSet.selections.flatMap((field) =>
    field.kind === Kind.FIELD ? (field.arguments ?? []).filter(({ name }) => name.value === 'after') : [],
  )
}

/** Answers that are made together. */
export interface LivePage {
  readonly results: readonly LiveResult[]
  /** Where the next page begins; null: this is the last one. */
  readonly cursor: string | null
  /** Whether the next page has to be committed yet. */
  readonly isCaughtUp: boolean
}

/**
 * The answers of a subscription, a page at a time, each made when the one before is done with. Faults are answers, too: the
 * last ones.
 *
 * @param context with what the subscription follows
 */
export async function* livePages(
  subscription: Subscription,
  context: Context & Required<Pick<Context, 'following'>>,
  log: Logger,
): AsyncGenerator<LivePage, void> {
  const { schema, document, variables, operationName } = subscription
  const common = { schema, document, variableValues: variables, operationName }
  try {
    const source = await createSourceEventStream({ ...common, contextValue: context })
    if (!(Symbol.asyncIterator in source)) {
      yield lastPage(answerText(source, log))
      return
    }
    const key = answerKey(subscription, context.viewer)
    const answerTo = (change: { readonly cursor: string }) =>
      shared(change, key, async () => {
        const contextValue = afresh(context)
        const result = await beginWork(contextValue.outcome, () =>
          execute({ ...common, rootValue: change, contextValue }),
        )
        return { cursor: change.cursor, text: answerText(result, log) }
      })
    // Our subscriptions give nothing but pages of changes.
    for await (const { changes, cursor, hasMore } of source as AsyncIterable<ChangesPage>) {
      const results: LiveResult[] = []
      for (const change of changes) {
        if (context.following.stream.end === null) results.push(await answerTo(change))
      }
      yield { results, cursor, isCaughtUp: !hasMore }
    }
  } catch (error) {
    yield lastPage(faultText(error, log))
  }
}

interface ChangesPage {
  readonly changes: readonly { readonly cursor: string }[]
  readonly cursor: string
  readonly hasMore: boolean
}

function lastPage(text: string): LivePage {
  return { results: [{ cursor: null, text }], cursor: null, isCaughtUp: true }
}

/** An answer that says why a subscription ends. */
export function faultText(error: unknown, log: Logger): string {
  return JSON.stringify({ errors: [translateError({ message: messageOf(error) }, error, log)] })
}

/** Two subscriptions of one key are given the same answer to a change. */
export function answerKey(
  { query, variables, operationName, isOfAnswers }: Subscription,
  viewer: Viewer,
): string {
  const given = Object.entries(variables).filter(([name]) => isOfAnswers(name))
  return shareKey(query, given, operationName, viewerWord(viewer))
}

/** The answers that were made of a change, by `shareKey`: who is given the same change and asks alike is given the same one. */
const answers = new WeakMap<object, Map<string, Promise<LiveResult>>>()

function shared(change: object, key: string, answer: () => Promise<LiveResult>): Promise<LiveResult> {
  let made = answers.get(change)
  if (made === undefined) answers.set(change, (made = new Map()))
  const known = made.get(key)
  if (known !== undefined) return known
  const making = answer()
  made.set(key, making)
  return making
}

/** @throws GraphQLError if it can't be parsed or isn't valid */
function validDocument(schema: GraphQLSchema, query: string): DocumentNode {
  requireParsable(query)
  const document = parsed(query)
  const [fault] = validate(schema, document)
  if (fault !== undefined) throw withCode(fault, 'GRAPHQL_VALIDATION_FAILED')
  return document
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query)
  } catch (error) {
    throw error instanceof GraphQLError ? withCode(error, 'GRAPHQL_PARSE_FAILED') : error
  }
}

/** As Apollo names them. */
function withCode(error: GraphQLError, code: string): GraphQLError {
  Object.assign(error.extensions, { code })
  return error
}

/** Each answer is work of its own, however long the subscription lasts. */
function afresh(context: Context): Context {
  return { ...context, batches: new Map(), outcome: newWork('subscriptions') }
}

function answerText({ data, errors }: ExecutionResult, log: Logger): string {
  return JSON.stringify({
    ...(errors === undefined
      ? {}
      : { errors: errors.map((error) => translateError(error.toJSON(), error, log)) }),
    ...(data === undefined ? {} : { data }),
  })
}

/** What the fields of an answer may depend on. */
function viewerWord({ grants, heldTo, ...viewer }: Viewer): unknown {
  return [viewer, grants, heldTo === null ? null : [...heldTo]]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}
