import {
  getNamedType,
  getOperationAST,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type NamedTypeNode,
  typeFromAST,
} from 'graphql'
import { expect, test } from 'vitest'
import { anonymous, operator } from '../../src/access/viewer.ts'
import { NotCompilable } from '../../src/compiled/data-model.ts'
import { createPlanner } from '../../src/compiled/plans.ts'
import { onlyViewer } from '../../src/graphql/compiled-reads.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { allOperations } from './operations.ts'

/** The queries that resolvers answer, with the first field that has no twin, and why it has none. */
const answeredByResolvers = {
  // Node works out when a day begins.
  'event-web-app DaysOfTheEvent': 'Event.days',
  'event-web-app DayGrid': "the context's batches",
  // They depend on the hour.
  'event-web-app OnNow': 'Event.currentSessions',
  'event-web-app DoorSign': 'Room.currentSession',
  // What words find is asked before what is shown of it.
  'event-web-app SearchAsYouType': 'Query.search',
  // It is read from the request's token, not from the programme.
  'event-web-app WhoAmI': 'Query.viewer',
  'organizer-tools WhatIMayDo': 'Query.viewer',
  // It is put together from the recorded changes.
  'organizer-tools HistoryOfASession': 'Session.history',
  'organizer-tools LatestChanges': 'Session.history',
  'organizer-tools SessionAsItWas': 'Query.session(id, asOf)',
  // Node compares the sessions with each other.
  'organizer-tools ScheduleEditor': 'Event.scheduleConflicts',
  // The rules of the states are code.
  'organizer-tools SessionEditForm': 'Session.availableTransitions',
  'organizer-tools SubmissionsToDecide': 'Session.availableTransitions',
  // Lists of people and tokens, which few ask for.
  'organizer-tools TeamOfTheEvent': 'Event.members',
  'organizer-tools TokensOfTheEvent': 'Event.tokens',
}

test('every query of the clients is compiled to one statement, but for those that are listed here', () => {
  const schema = executableSchema()
  const plan = createPlanner(schema)
  const left = Object.entries(allOperations()).flatMap(([name, document]): [string, string][] => {
    const operation = getOperationAST(document)!
    if (operation.operation !== 'query') return []
    const required = (operation.variableDefinitions ?? []).filter(({ type }) => type.kind === 'NonNullType')
    const variables = Object.fromEntries(
      required.map(({ variable, type }) => [
        variable.name.value,
        // Operations have variables of input types only.
        valueOf(typeFromAST(schema, type as NamedTypeNode) as GraphQLInputType),
      ]),
    )
    const viewer = name.startsWith('organizer-tools') ? operator : anonymous
    try {
      plan({
        document,
        operation,
        variables,
        context: onlyViewer(viewer),
        viewer: viewer.kind,
        isDear: () => false,
      })
      return []
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error
      return [[name, error.message]]
    }
  })
  expect(Object.fromEntries(left)).toEqual(answeredByResolvers)
})

const values: Readonly<Record<string, unknown>> = {
  ID: '01900005-0000-7000-8000-000000000001',
  String: 'spring',
  Int: 20,
  Boolean: true,
  DateTime: '2027-01-01T09:00:00Z',
  LocalDate: '2027-01-01',
  TimeZone: 'Europe/Berlin',
}

function valueOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType)
  if (isListType(type)) return [valueOf(type.ofType)]
  if (isInputObjectType(type)) return {}
  return isEnumType(type) ? type.getValues()[0]!.name : values[getNamedType(type).name]
}
