import {
  createSourceEventStream,
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql'
import type { Logger } from 'pino'
import type { Viewer } from '../access/viewer.ts'
import type { Context } from '../context.ts'
import { beginWork, newWork } from '../database/work.ts'
import { shareKey, type Stream } from '../live/streams.ts'
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
    (query) => validDocument(schema, query),
    (query) => query.length,
  )
  return (request) => prepare(schema, documentOf(request.query), request)
}

function prepare(schema: GraphQLSchema, document: DocumentNode, request: SubscriptionRequest): Subscription {
  const operation = getOperationAST(document, request.operationName)
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
    throw new GraphQLError('Only subscriptions are followed; send queries and mutations by HTTP.', {
      extensions: { code: 'BAD_REQUEST' },
    })
  }
  const cost = requireExecutable({ schema, document, operation, variables: request.variables }).points
  return { ...request, schema, document, cost }
}

/**
 * The answers of a subscription, each made when the one before is taken. Faults are answers, too: the last ones.
 *
 * @param context with what the subscription follows
 */
export async function* liveResults(
  subscription: Subscription,
  context: Context & Required<Pick<Context, 'following'>>,
  log: Logger,
): AsyncGenerator<LiveResult, void> {
  const { schema, document, variables, operationName } = subscription
  const common = { schema, document, variableValues: variables, operationName }
  try {
    const source = await createSourceEventStream({ ...common, contextValue: context })
    if (!(Symbol.asyncIterator in source)) {
      yield { cursor: null, text: answerText(source, log) }
      return
    }
    const key = shareKey(subscription.query, variables, operationName, viewerWord(context.viewer))
    // Our subscriptions give nothing but changes.
    for await (const change of source as AsyncIterable<{ readonly cursor: string }>) {
      yield await shared(change, key, async () => {
        const result = await execute({ ...common, rootValue: change, contextValue: afresh(context) })
        return { cursor: change.cursor, text: answerText(result, log) }
      })
    }
  } catch (error) {
    const errors = [translateError({ message: messageOf(error) }, error, log)]
    yield { cursor: null, text: JSON.stringify({ errors }) }
  }
}

/** The answers that were made of a change, by `shareKey`: who is given the same change and asks alike is given the same one. */
const answers = new WeakMap<object, Map<string, Promise<LiveResult>>>()

function shared(change: object, key: string, answer: () => Promise<LiveResult>): Promise<LiveResult> {
  let made = answers.get(change)
  if (made === undefined) answers.set(change, (made = new Map()))
  const known = made.get(key)
  if (known !== undefined) return known
  // Each answer is work of its own, however long the subscription lasts.
  const making = beginWork(newWork('subscriptions'), answer)
  made.set(key, making)
  return making
}

/** Ends a stream whose reader is gone, also while it waits for something to read. */
export function endingWith<Value>(
  values: AsyncGenerator<Value, void>,
  stream: Stream,
): AsyncGenerator<Value, void> {
  const leave = () => {
    stream.finish('left')
    return values.return()
  }
  return {
    next: () => values.next(),
    return: leave,
    throw: leave,
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await leave()
    },
  }
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

/** Loaders belong to one answer. */
function afresh(context: Context): Context {
  return { ...context, batches: new Map() }
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
